/**
 * What a source yields → stream parts.
 */

import { AdapterError } from './errors.js'
import { isRecord } from './reading.js'
import type { StreamPart } from './languageModel.js'

/**
 * Return a part, also from its JSON as text or bytes (R1, §12.2), undefined for what is none.
 *
 * Raises AdapterError for a text that is not JSON.
 */
export function asPart(value: unknown): StreamPart | undefined {
  let part = value
  if (typeof value === 'string') part = parsed(value)
  if (value instanceof Uint8Array) part = parsed(new TextDecoder().decode(value))
  return isRecord(part) && typeof part.type === 'string' ? (part as StreamPart) : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new AdapterError('The stream gave a text that is not JSON', 'EVENT_NOT_JSON') // V8's words quote the text
  }
}
