/**
 * What a provider counted, under any of the names that §12.2 and the ledger (F1, F2) know.
 */

import type { DoneStreamChunk } from '@tanstack/ai'

import { isRecord } from './reading.js'

type Usage = NonNullable<DoneStreamChunk['usage']>

// Gemini's own names, the last ones, stand in raw chunks only.
const PROMPT = ['promptTokens', 'inputTokens', 'input_tokens', 'prompt_tokens', 'promptTokenCount']
const COMPLETION = ['completionTokens', 'outputTokens', 'output_tokens', 'completion_tokens', 'candidatesTokenCount']
const TOTAL = ['totalTokens', 'total_tokens', 'totalTokenCount']

/** Return the three counts of TanStack; what was not counted is 0, a missing total is the sum (R24–R26, §12.4). */
export function mapUsage(usage: unknown): Usage {
  const counts = isRecord(usage) ? usage : {}
  const promptTokens = firstCount(counts, PROMPT) ?? 0
  const completionTokens = firstCount(counts, COMPLETION) ?? 0
  return { promptTokens, completionTokens, totalTokens: firstCount(counts, TOTAL) ?? promptTokens + completionTokens }
}

/** Tell whether anything was counted. */
export function isCounted(usage: unknown): boolean {
  return isRecord(usage) && firstCount(usage, [...PROMPT, ...COMPLETION, ...TOTAL]) !== undefined
}

function firstCount(counts: Record<string, unknown>, names: Array<string>): number | undefined {
  return names.map((name) => count(counts[name])).find((number) => number !== undefined)
}

/** Return a finite number that is not negative, also where V3 nests it as `{total}`; NaN counts as missing (F3). */
function count(value: unknown): number | undefined {
  const number = isRecord(value) ? value.total : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined
}
