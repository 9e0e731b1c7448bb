/**
 * What a source yields → stream parts.
 */

import { isRecord } from './reading.js'
import type { StreamPart } from './languageModel.js'

/** Return a part, also from its JSON as text or bytes (R1, §12.2), undefined for what is none; raises for no JSON. */
export function asPart(value: unknown): StreamPart | undefined {
  let part = value
  if (typeof value === 'string') part = JSON.parse(value)
  if (value instanceof Uint8Array) part = JSON.parse(new TextDecoder().decode(value))
  return isRecord(part) && typeof part.type === 'string' ? (part as StreamPart) : undefined
}
