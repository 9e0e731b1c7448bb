/** Streams of a model, played part by part. */

import { transformMastraStreamToTanStack } from '../dist/transformer.js'

/** Yield parts; a function among them is called, and what it throws is what the source throws. */
export async function* played(parts) {
  for (const part of parts) yield typeof part === 'function' ? part() : part
}

/** Return the chunks that a stream makes. */
export async function chunksOf(parts, options = {}) {
  const chunks = []
  for await (const chunk of transformMastraStreamToTanStack(played(parts), { model: 'm', ...options })) chunks.push(chunk)
  return chunks
}

export const FINISH = { type: 'finish', finishReason: 'stop', usage: { inputTokens: 1, outputTokens: 2 } }
export const says = (delta) => ({ type: 'text-delta', id: '0', delta })
export const started = (id) => ({ type: 'tool-input-start', id, toolName: 'look' })
export const called = (toolCallId, more = {}) => ({ type: 'tool-call', toolCallId, toolName: 'look', input: '{}', ...more })
