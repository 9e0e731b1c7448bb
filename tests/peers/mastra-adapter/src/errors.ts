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
    readonly code:
      | 'ABORTED'
      | 'TIMEOUT'
      | 'STREAM_TRUNCATED'
      | 'EVENT_NOT_JSON'
      | 'TOOL_ARGS_PARSE_ERROR'
      | 'TOOL_CALL_CONFLICT'
      | 'TOOL_CALL_UNNAMED',
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

const NOT_JSON = 'The provider sent something that is not JSON'

/** The names of errors whose messages quote what the provider sent, and what is said instead. */
const QUOTING = new Map([
  ['AI_TypeValidationError', 'The provider sent something of another form than its API has'],
  ['AI_JSONParseError', NOT_JSON],
  ['SyntaxError', NOT_JSON],
  ['AI_InvalidResponseDataError', UNREADABLE],
])
/** The same where only their words have come through. */
const QUOTATIONS = /^(?:Type validation failed: Value: |JSON parsing failed: Text: )/
/** What JavaScript says of a mistake in a program: no words for a user by themselves. */
const OF_PROGRAMS = new Set(['TypeError', 'RangeError', 'ReferenceError'])
/** What fetch's own TypeErrors say, in one engine and another. */
const NETWORK = /^(?:fetch failed|terminated|failed to fetch|load failed|networkerror\b.*)$/i
/** Words that say nothing, as they come about where an object or nothing at all was made a text (R21). */
const NO_WORDS = /^(?:|undefined|null|none|nan|(?:error:? ?)+(?:undefined)?)$|\[object /i
const ENVELOPES = new Set(['error', 'response.failed'])
const CODES = ['code', 'statusCode', 'status', 'type']
const UNTOLD = 'The model reported an error and did not say which'
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])
const MOST_NESTED = 8
const MOST_LOOKED_AT = 40 // objects and lists of one error

/** What keys look like that no configuration named. */
const KEYS: ReadonlyArray<RegExp> = [
  /\b(?:sk|pk|rk|gsk|xai)-[\w-]{8,}|\bAIza[\w-]{20,}/gi,
  /(?<=\bbearer\s+)[^\s"',;]+/gi,
  /(?<=\b[Bb]asic\s+)(?=\w+[A-Z\d+/=])[\w+/-]{6,}={0,2}/g, // "Basic dXNlcjpwYXNz", and not "Basic Authentication"
  // The value of a header or member that holds a key; under a name of many meanings only what has digits, as keys have.
  /(?<=\b(?:[\w-]*api[-_]?key|authorization|(?:access|auth|secret)[-_]?(?:token|key))["']?\s?[:=]\s?["']?(?:basic\s+)?)(?!(?:basic|bearer)\s)[^\s"',;&)}]+/gi,
  /(?<=\b(?:key|password|secret|token)["']?\s?[:=]\s?["']?)(?=[^\s"',;&]{0,60}\d)[^\s"',;&)}]{8,}/gi,
  /(?<=\b[a-z][a-z\d+.-]*:\/\/)[^\s/@"']+(?=@)/gi, // whoever asks, in an address
]
const HIDDEN = '[redacted]'
const LEAST_INSIDE_WORDS = 8 // shorter secrets are no part of a longer word

/**
 * Return message and code of anything that was thrown or sent as an error.
 *
 * Only its own words are read, and the error that a body holds: headers, addresses and requests that hang on it stay
 * there. `secrets` are texts that must not be shown, wherever they stand. Nothing is raised, whatever it is given.
 */
export function describeFailure(error: unknown, secrets: ReadonlyArray<string> = []): Failure {
  const { message, code } = toldSafely(error)
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
  return [...known.map(places), ...KEYS].reduce((shown, place) => shown.replaceAll(place, HIDDEN), text)
}

function places(secret: string): RegExp {
  const source = secret.replaceAll(/[^\w\s]/g, '\\$&')
  return new RegExp(secret.length < LEAST_INSIDE_WORDS ? `(?<!\\w)${source}(?!\\w)` : source, 'g')
}

interface Told {
  message?: string | undefined
  code?: string | undefined
}

function toldSafely(error: unknown): Told {
  try {
    return told(error, new Set())
  } catch {
    return {} // its members are foreign code, too
  }
}

/** Return what an error tells; `seen` is what was looked at before, for an error may hold itself. */
function told(error: unknown, seen: Set<unknown>): Told {
  if (typeof error === 'string') return { message: unquoted(error) }
  if (typeof error === 'number' && Number.isFinite(error)) return { message: `The provider reported error ${error}` }
  if (seen.size === MOST_LOOKED_AT || seen.has(error)) return {}
  if (Array.isArray(error)) return firstTold(error, seen.add(error))
  if (!isRecord(error)) return {}
  seen.add(error)
  const name = filled(error.name)
  if (name === 'AbortError') return aborted()
  if (name !== undefined && QUOTING.has(name)) {
    // What could not be read may be the provider's own error.
    const sent = told(isRecord(error.value) ? (error.value.error ?? error.value) : undefined, seen)
    return { message: sent.message ?? QUOTING.get(name), code: sent.message === undefined ? name : sent.code }
  }
  const body = told(errorInBody(error), seen)
  const unread = unreadAnswer(error)
  if (unread !== undefined) return { ...body, message: body.message ?? unread }
  const inner = nested(error, seen)
  const code = ownCode(error) ?? body.code ?? inner.code
  const message = body.message ?? unquoted(error.message) ?? unquoted(error.msg) ?? inner.message
  if (name !== undefined && OF_PROGRAMS.has(name) && message !== undefined && code === undefined) {
    if (error.cause === undefined && !NETWORK.test(message)) return mistaken(message)
  }
  const status = [error.statusCode, error.status].find((found) => typeof found === 'number' && found > 0)
  return { message: message ?? (status === undefined ? undefined : `HTTP status ${String(status)}`), code }
}

const mistaken = (message: string): Told => ({
  message: `The answer could not be processed, for a mistake in a program: ${message}`,
  code: 'INTERNAL_ERROR',
})

/** Return an error's message, without the payload that it quotes, undefined where its words say nothing. */
function unquoted(message: unknown): string | undefined {
  const said = filled(message)?.trim()
  if (said === undefined || NO_WORDS.test(said)) return undefined
  return QUOTATIONS.test(said) ? UNREADABLE : said
}

/** Return what an error holds inside: an envelope's, a failed response's, a body's, one of several, its cause. */
function nested(error: Record<string, unknown>, seen: Set<unknown>): Told {
  const response = isRecord(error.response) ? error.response.error : undefined
  const data = isRecord(error.data) ? error.data.error : undefined
  const status = isRecord(error.status) ? error.status : undefined
  return firstTold([error.error, response, data, error.errors, error.detail, status, error.cause], seen)
}

/** Return what the first of several tells that has words, or else a code. */
function firstTold(errors: Array<unknown>, seen: Set<unknown>): Told {
  const all = errors.slice(0, MOST_LOOKED_AT).map((error) => told(error, seen))
  return all.find(({ message }) => message !== undefined) ?? all.find(({ code }) => code !== undefined) ?? {}
}

function ownCode(error: Record<string, unknown>): string | undefined {
  return CODES.map((name) => codeOf(error[name])).find((code) => code !== undefined && !ENVELOPES.has(code))
}

function codeOf(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined
  const word = filled(value)?.trim()
  return word === undefined || NO_WORDS.test(word) ? undefined : word
}
