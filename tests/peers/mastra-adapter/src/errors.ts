/**
 * What went wrong, in words that a user may see (R21, R22, ledger B3, G4).
 */

import { filled, isRecord } from './reading.js'
import { errorInBody, unreadAnswer } from './refusals.js'

/** A failure as an `error` chunk tells it. */
export interface Failure {
  message: string
  code?: string | undefined
}

/** A failure that the adapter itself found; its code is one of the readings'. */
export class AdapterError extends Error {
  constructor(
    message: string,
    readonly code: 'ABORTED' | 'TIMEOUT' | 'STREAM_TRUNCATED' | 'TOOL_ARGS_PARSE_ERROR' | 'TOOL_CALL_CONFLICT',
  ) {
    super(message)
    this.name = 'AdapterError'
  }
}

/** Return the failure of a call that its consumer ended. */
export const aborted = (): AdapterError => new AdapterError('The request was aborted', 'ABORTED')

const UNREADABLE = 'The provider sent something that its package cannot read'
/** Return the failure of a stream that ended before the model had told its end (R20); `how` is how it ended. */
export const truncated = (how: string): AdapterError =>
  new AdapterError(`${how} before the model had finished its answer`, 'STREAM_TRUNCATED')

/** The names of AI SDK errors whose messages quote all that the provider sent, and what is said instead. */
const QUOTING = new Map([
  ['AI_TypeValidationError', 'The provider sent something of another form than its API has'],
  ['AI_JSONParseError', 'The provider sent something that is not JSON'],
  ['AI_InvalidResponseDataError', UNREADABLE],
])
/** The same where only their words have come through. */
const QUOTATIONS = /^(?:Type validation failed: Value: |JSON parsing failed: Text: )/
const ENVELOPES = new Set(['error', 'response.failed'])
const CODES = ['code', 'statusCode', 'status', 'type']
const UNTOLD = 'The model reported an error and did not say which'
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])
const MOST_NESTED = 8

/** What keys look like that no configuration named: the usual prefixes, and whatever follows `Bearer`. */
const KEYS = /\b(?:sk|pk|rk|gsk|xai)-[\w-]{8,}|\bAIza[\w-]{20,}|(?<=\bbearer\s+)[^\s"',;]+/gi
const HIDDEN = '[redacted]'

/**
 * Return message and code of anything that was thrown or sent as an error.
 *
 * Only its own words are read, and the error that a body holds: headers, addresses and requests that hang on it stay there. `secrets` are
 * texts that must not be shown, wherever they stand.
 */
export function describeFailure(error: unknown, secrets: ReadonlyArray<string> = []): Failure {
  const { message, code } = told(error, MOST_NESTED)
  return { message: redacted(message ?? UNTOLD, secrets), code: code === undefined ? code : redacted(code, secrets) }
}

/** Tell whether a body could not be read to its end because its connection broke; undici calls that "terminated". */
export function isBrokenConnection(error: unknown, depth = MOST_NESTED): boolean {
  if (depth === 0 || !isRecord(error)) return false
  const isBroken = error.message === 'terminated' || BROKEN.has(error.code as string)
  return isBroken || isBrokenConnection(error.cause, depth - 1)
}

/** Return a text without the secrets, and without what looks like a key. */
export function redacted(text: string, secrets: ReadonlyArray<string>): string {
  const known = secrets.filter((secret) => secret !== '').sort((one, other) => other.length - one.length)
  return known.reduce((shown, secret) => shown.replaceAll(secret, HIDDEN), text).replace(KEYS, HIDDEN)
}

interface Told {
  message?: string | undefined
  code?: string | undefined
}

function told(error: unknown, depth: number): Told {
  if (depth === 0) return {}
  if (typeof error === 'string') return { message: unquoted(error.trim()) }
  if (typeof error === 'number') return { message: `The provider reported error ${error}` }
  if (Array.isArray(error)) return told(error[0], depth - 1)
  if (!isRecord(error)) return {}
  const name = filled(error.name)
  if (name === 'AbortError') return aborted()
  if (name !== undefined && QUOTING.has(name)) {
    // What could not be read may be the provider's own error.
    const sent = told(isRecord(error.value) ? (error.value.error ?? error.value) : undefined, depth - 1)
    return { message: sent.message ?? QUOTING.get(name), code: sent.message === undefined ? name : sent.code }
  }
  const body = told(errorInBody(error), depth - 1)
  const unread = unreadAnswer(error)
  if (unread !== undefined) return { ...body, message: body.message ?? unread }
  const inner = nested(error, depth - 1)
  const status = error.statusCode ?? error.status
  return {
    message: body.message ?? unquoted(error.message) ?? filled(error.msg) ?? inner.message ?? (status === undefined ? undefined : `HTTP status ${String(status)}`),
    code: ownCode(error) ?? body.code ?? inner.code,
  }
}

/** Return an error's message, without the payload that it quotes. */
function unquoted(message: unknown): string | undefined {
  const said = filled(message)
  return said !== undefined && QUOTATIONS.test(said) ? UNREADABLE : said
}

/** Return what an error holds inside: an envelope's, a failed response's, the body of a refusal, its cause. */
function nested(error: Record<string, unknown>, depth: number): Told {
  const response = isRecord(error.response) ? error.response.error : undefined
  for (const inside of [error.error, response, isRecord(error.data) ? error.data.error : undefined, error.cause]) {
    const found = told(inside, depth)
    if (found.message !== undefined || found.code !== undefined) return found
  }
  return {}
}

function ownCode(error: Record<string, unknown>): string | undefined {
  const found = CODES.map((name) => error[name]).find(
    (code) => (typeof code === 'number' && Number.isFinite(code)) || (filled(code) && !ENVELOPES.has(code as string)),
  )
  return found === undefined ? undefined : String(found)
}
