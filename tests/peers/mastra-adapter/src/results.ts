/**
 * What a tool gave → the text of a `tool_result` (R15).
 */

import { isRecord } from './reading.js'
import type { StreamPart } from './languageModel.js'

/**
 * Return the JSON text of a result, undefined for a preliminary one, which is none yet.
 *
 * An absent result is `null` (E11); that of a tool that failed keeps its mark, once.
 */
export function resultText(part: StreamPart): string | undefined {
  if (part.preliminary === true) return undefined
  const result = part.result ?? null
  const isMarked = part.isError !== true || (isRecord(result) && 'error' in result)
  return JSON.stringify(isMarked ? result : { error: result })
}
