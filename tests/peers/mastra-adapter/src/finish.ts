/**
 * The reasons with which a model ends an answer → TanStack's four (R18, R19).
 */

import type { DoneStreamChunk } from '@tanstack/ai'

import { isRecord } from './reading.js'

/** `failed` is a reason that says no more than that it failed: an `error` chunk, never `done` (ledger F7). */
export type FinishReason = NonNullable<DoneStreamChunk['finishReason']> | 'failed'

const WORDS: Record<FinishReason, Array<string>> = {
  stop: ['stop', 'end_turn', 'stop_sequence', 'eos', 'complete'],
  length: ['length', 'max_tokens', 'model_length'],
  content_filter: [
    'content_filter',
    'safety',
    'refusal',
    'blocklist',
    'prohibited_content',
    'recitation',
    'spii',
  ],
  tool_calls: ['tool_calls', 'tool_use', 'tool_call', 'function_call'],
  failed: ['error'],
}

const KNOWN = new Map(
  Object.entries(WORDS).flatMap(([reason, words]) =>
    words.map((word) => [bare(word), reason as FinishReason] as const),
  ),
)

/** Return TanStack's reason for a provider's; a missing or unknown one is `stop` (§6.3). */
export const mapFinishReason = (reason: unknown): FinishReason => knownReason(reason) ?? 'stop'

/**
 * Return TanStack's reason for a provider's word or V3's `{unified, raw}`, undefined where it is none of R18's.
 *
 * Case, hyphens and underscores make no difference: "maxTokens" is "max_tokens".
 */
export function knownReason(reason: unknown): FinishReason | undefined {
  const word = isRecord(reason) ? reason.unified : reason
  return typeof word === 'string' ? KNOWN.get(bare(word)) : undefined
}

function bare(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '')
}

/**
 * Return the reason that TanStack's engine needs: it runs calls only behind `tool_calls`, so that one stands where, and
 * only where, calls were left to it (F9, F13, R27); `length` and `content_filter` stay.
 */
export function reasonWithCalls(
  reason: Exclude<FinishReason, 'failed'>,
  areCallsLeft: boolean,
): Exclude<FinishReason, 'failed'> {
  if (reason !== 'stop' && reason !== 'tool_calls') return reason
  return areCallsLeft ? 'tool_calls' : 'stop'
}
