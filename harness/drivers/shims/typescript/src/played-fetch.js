/** A `fetch` without any socket: it answers with exactly the given pieces, one read for each. */

import { Duplex } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import zlib from 'node:zlib'

import { bytes } from './words.js'

/** The base URL of a run whose `fetch` is played: whoever goes past that `fetch` reaches nobody (RFC 6761, 6.4). */
export const NOWHERE = 'http://streamchunk.invalid'

const WITHOUT_BODY = new Set([204, 205, 304])

/**
 * What hears of an abort only as long as somebody holds it (a Request follows its signal weakly). A socket would hold
 * it until its answer is over; here is no socket.
 *
 * @type {Set<object>}
 */
const underWay = new Set()

/**
 * Returns a `fetch` that answers every request in the same way.
 *
 * @param {import('../types/index.d.ts').FetchSource} source
 * @returns {typeof fetch}
 */
export function playingFetch({ status = 200, headers = {}, pieces = [], ending = 'close' }) {
  return async (input, init) => {
    const request = new Request(input, init)
    await setImmediate()
    request.signal.throwIfAborted()
    const sent = new Headers(headers)
    const body = WITHOUT_BODY.has(status) ? null : decoded(bodyOf(pieces, ending, request, input), sent)
    const response = new Response(body, { status, headers: sent })
    Object.defineProperty(response, 'url', { value: request.url })
    return response
  }
}

/**
 * @param {readonly string[]} pieces base64
 * @param {'close' | 'reset' | 'stall'} ending
 * @param {Request} request
 * @param {unknown} input what the request was made of
 */
function bodyOf(pieces, ending, request, input) {
  const { signal } = request
  const held = { request, input }
  let place = 0
  /** @type {ReadableByteStreamController} */
  let controller
  const onAbort = () => {
    underWay.delete(held)
    controller.error(signal.reason)
  }
  const over = () => {
    underWay.delete(held)
    signal.removeEventListener('abort', onAbort)
  }
  return new ReadableStream({
    type: 'bytes',
    start(given) {
      controller = given
      underWay.add(held)
      signal.addEventListener('abort', onAbort)
    },
    async pull() {
      await setImmediate()
      if (signal.aborted) return
      while (place < pieces.length) {
        const piece = bytes(pieces[place++])
        if (piece.length > 0) return controller.enqueue(piece)
      }
      if (ending === 'stall') return new Promise(() => {}) // until it is aborted, or cancelled
      over()
      if (ending === 'reset') return controller.error(reset())
      controller.close()
      controller.byobRequest?.respond(0)
    },
    cancel: over,
  })
}

/** Returns the error that Node's own `fetch` has for a connection which was reset in the middle of a body. */
function reset() {
  const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' })
  return new TypeError('terminated', { cause })
}

const FLUSHED = { flush: zlib.constants.Z_SYNC_FLUSH, finishFlush: zlib.constants.Z_SYNC_FLUSH }
const BROTLI_FLUSHED = {
  flush: zlib.constants.BROTLI_OPERATION_FLUSH,
  finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH,
}

/** @type {Map<string, () => Duplex>} */
const CODINGS = new Map([
  ['gzip', () => zlib.createGunzip(FLUSHED)],
  ['x-gzip', () => zlib.createGunzip(FLUSHED)],
  ['deflate', () => zlib.createInflate(FLUSHED)],
  ['br', () => zlib.createBrotliDecompress(BROTLI_FLUSHED)],
])

/**
 * Undoes a Content-Encoding, as every `fetch` does before anybody sees the body; other bodies pass piece by piece.
 *
 * @param {ReadableStream<Uint8Array>} body
 * @param {Headers} headers
 * @returns {ReadableStream<any>}
 */
function decoded(body, headers) {
  const coding = CODINGS.get((headers.get('content-encoding') ?? '').trim().toLowerCase())
  return coding === undefined ? body : body.pipeThrough(/** @type {any} */ (Duplex.toWeb(coding())))
}
