/**
 * What a provider says in the body of a refusal, and in an answer that its package could not read (R21, R22).
 *
 * A package knows one form of error body; of another it tells only the status ("Forbidden"), and of an error in a body
 * with the status 200 that the answer is invalid. The body hangs on the error that it raises.
 */

import { filled, isRecord } from './reading.js'

/** Return the error in the body of a failed call, as the provider wrote it; undefined where there is none. */
export function errorInBody(failed: Record<string, unknown>): unknown {
  const written = parsedBody(failed.responseBody)
  const body: unknown = Array.isArray(written) ? written[0] : written
  if (!isRecord(body)) return undefined
  const { blockReason } = isRecord(body.promptFeedback) ? body.promptFeedback : {}
  if (filled(blockReason) !== undefined)
    return { message: `The prompt was blocked: ${String(blockReason)}`, code: blockReason }
  const refusal = refusalIn(body.output)
  if (refusal !== undefined) return { message: `The model refused: ${refusal}`, code: 'content_filter' }
  if (filled(body.message) !== undefined) return body.error ?? { message: body.message, code: body.code }
  return body.error ?? body.errors ?? body.detail
}

/**
 * Return what is to be said of an answer with a status of success that the package could not read, undefined where the
 * call failed in another way. Of the body no more is told than what kind it is of.
 */
export function unreadAnswer(failed: Record<string, unknown>): string | undefined {
  const { statusCode, responseBody } = failed
  if (typeof statusCode !== 'number' || statusCode < 200 || statusCode >= 300) return undefined
  const body = typeof responseBody === 'string' ? responseBody.trim() : undefined
  const kind =
    body === ''
      ? ': its body is empty'
      : body !== undefined && /^<(?:!doctype )?html/i.test(body)
        ? ': it is an html page'
        : ''
  return `What the provider sent is no answer of its API${kind}`
}

/** Return a refusal among the items of OpenAI's Responses, which older packages take for an invalid answer. */
function refusalIn(items: unknown): string | undefined {
  if (!Array.isArray(items)) return undefined
  const parts = items.flatMap((item) => (isRecord(item) && Array.isArray(item.content) ? item.content : []))
  return parts
    .map((part) => (isRecord(part) ? filled(part.refusal) : undefined))
    .find((refusal) => refusal !== undefined)
}

function parsedBody(body: unknown): unknown {
  try {
    return typeof body === 'string' ? JSON.parse(body) : undefined
  } catch {
    return undefined // a web page, say
  }
}
