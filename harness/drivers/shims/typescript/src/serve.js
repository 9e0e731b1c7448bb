/** An adapter → a shim: a program that answers the harness on its standard input and output, or on a port. */

import { createServer } from 'node:net'

import { Lines } from './lines.js'
import { checked, isPort } from './options.js'
import { Outbox } from './outbox.js'
import { Session } from './session.js'
import { reserved } from './stdout.js'
import { catchStrays } from './strays.js'

const GRACE = 1500 // milliseconds that runs in flight have when the harness has gone
const FLUSH = 400 // milliseconds that whoever reads has for what was written last

/**
 * Answers the harness until it says `shutdown` or goes away, and then ends this process.
 *
 * @param {import('../types/index.d.ts').ServeOptions} options throws TypeError where they make no implementation
 */
export function serve(options) {
  const port = checked(options).listen ?? portAsked()
  if (port === undefined) serveStdio(options)
  else serveTcp(options, port)
}

/** Returns the port of `--listen PORT` or of `STREAMCHUNK_LISTEN`, as a debugger's launch configuration has it. */
function portAsked() {
  const flag = process.argv.indexOf('--listen')
  const text = flag >= 0 ? process.argv[flag + 1] : process.env.STREAMCHUNK_LISTEN
  if (text === undefined || text === '') return undefined
  const port = Number(text)
  if (!isPort(port)) throw new TypeError(`--listen ${text}: a port is wanted`)
  return port
}

/** @param {import('../types/index.d.ts').ServeOptions} options */
function serveStdio(options) {
  const outbox = new Outbox(reserved)
  const leave = () => {
    setTimeout(exit, FLUSH)
    outbox.flush()
    reserved.end(exit)
  }
  reserved.onError(exit) // nobody reads any more
  process.on('exit', () => outbox.flush()) // an adapter that ends the process has said what it said
  const session = new Session(options, outbox, leave)
  catchStrays(() => session.inFlight)
  conversation(process.stdin, session, leave)
}

function exit() {
  process.exit(0)
}

/**
 * @param {import('../types/index.d.ts').ServeOptions} options
 * @param {number} port
 */
function serveTcp(options, port) {
  /** @type {Set<Session>} */
  const sessions = new Set()
  catchStrays(() => [...sessions].flatMap((session) => session.inFlight))
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const outbox = new Outbox(socket)
    const session = new Session(options, outbox, () => {
      setTimeout(exit, FLUSH)
      outbox.flush()
      socket.end(exit)
    })
    sessions.add(session)
    socket.on('error', () => {}) // 'close' follows
    socket.on('close', () => {
      session.abortAll()
      sessions.delete(session)
    })
    conversation(socket, session, () => {
      outbox.flush()
      socket.end()
    })
  })
  server.on('error', (error) => {
    process.stderr.write(`streamchunk-shim cannot listen on port ${port}: ${error.message}\n`)
    process.exit(1)
  })
  server.listen(port, '127.0.0.1', () => {
    const address = /** @type {import('node:net').AddressInfo} */ (server.address())
    process.stderr.write(`streamchunk-shim listens: stdio+tcp://127.0.0.1:${address.port}\n`)
  })
}

/**
 * Reads one conversation to its end; what is in flight then has a moment to end too.
 *
 * @param {import('node:stream').Readable} input
 * @param {Session} session
 * @param {() => void} ended
 */
function conversation(input, session, ended) {
  const lines = new Lines()
  /** @type {Set<Promise<void>>} */
  const underWay = new Set()
  /** @param {Iterable<string | null>} read */
  const take = (read) => {
    for (const line of read) {
      const taken = session.take(line).finally(() => underWay.delete(taken))
      underWay.add(taken)
    }
  }
  input.on('data', (bytes) => take(lines.feed(bytes)))
  input.on('end', () => {
    take(lines.close())
    setTimeout(ended, GRACE)
    void Promise.allSettled(underWay).then(ended)
  })
}
