// §13.5's transformer, sentence by sentence. `decode` is the switch of decoding.mjs; nothing else is mended.

import { generateId, mapFinishReason, mapUsage } from './mapping.mjs'
import { ToolCallAccumulator, parseToolArguments } from './section-13.mjs'

/**
 * Turn a language model's stream parts into TanStack's chunks (§13.5, `transformMastraStreamToTanStackRobust`).
 *
 * Its options, two callbacks and a log, are left out: they change no chunk.
 *
 * @param {ReadableStream} stream
 * @param {string} baseModel
 * @param {(value: any) => any} decode
 */
export async function* transformMastraStreamToTanStackRobust(stream, baseModel, decode) {
  const timestamp = Date.now()
  /** @type {string | null} */
  let id = null
  let model = baseModel

  const textBuffers = new Map()
  const reasoningBuffers = new Map()

  const toolAccumulator = new ToolCallAccumulator()

  const reader = stream.getReader()

  try {
    while (true) {
      const { done, value } = await reader.read()
      if (done) break

      const event = decode(value)

      switch (event.type) {
        case 'response-metadata':
          id = event.id ?? id
          model = event.modelId ?? model
          break

        case 'text-start':
          textBuffers.set(event.id, '')
          break

        case 'text-delta': {
          const currentText = textBuffers.get(event.id) ?? ''
          const newText = currentText + event.delta
          textBuffers.set(event.id, newText)

          yield {
            type: 'content',
            id: id ?? generateId(),
            model,
            timestamp,
            delta: event.delta,
            content: newText,
            role: 'assistant',
          }
          break
        }

        case 'text-end':
          textBuffers.delete(event.id)
          break

        case 'reasoning-start':
          reasoningBuffers.set(event.id, '')
          break

        case 'reasoning-delta': {
          const currentReasoning = reasoningBuffers.get(event.id) ?? ''
          const newReasoning = currentReasoning + event.delta
          reasoningBuffers.set(event.id, newReasoning)

          yield {
            type: 'thinking',
            id: id ?? generateId(),
            model,
            timestamp,
            delta: event.delta,
            content: newReasoning,
          }
          break
        }

        case 'reasoning-end':
          reasoningBuffers.delete(event.id)
          break

        case 'tool-input-start':
          toolAccumulator.initialize(event.id, event.toolName)
          break

        case 'tool-input-delta':
          toolAccumulator.accumulate(event.id, event.delta)
          break

        case 'tool-input-end':
          toolAccumulator.markReady(event.id)
          break

        case 'tool-call': {
          const buffered = toolAccumulator.get(event.toolCallId)

          if (!buffered) {
            yield {
              type: 'tool_call',
              id: id ?? generateId(),
              model,
              timestamp,
              index: toolAccumulator.nextIndex++,
              toolCall: {
                id: event.toolCallId,
                type: 'function',
                function: { name: event.toolName, arguments: JSON.stringify(event.input) },
              },
            }
            break
          }

          const parsed = parseToolArguments(buffered.args)

          if (!parsed.success) {
            yield {
              type: 'error',
              id: id ?? generateId(),
              model,
              timestamp,
              error: {
                message: `Failed to parse tool arguments for ${event.toolName}: ${parsed.error}`,
                code: 'TOOL_ARGS_PARSE_ERROR',
              },
            }

            yield {
              type: 'tool_call',
              id: id ?? generateId(),
              model,
              timestamp,
              index: buffered.index,
              toolCall: {
                id: event.toolCallId,
                type: 'function',
                function: { name: event.toolName, arguments: JSON.stringify(event.input) },
              },
            }
          } else {
            yield {
              type: 'tool_call',
              id: id ?? generateId(),
              model,
              timestamp,
              index: buffered.index,
              toolCall: {
                id: event.toolCallId,
                type: 'function',
                function: { name: event.toolName, arguments: parsed.arguments },
              },
            }
          }

          toolAccumulator.remove(event.toolCallId)
          break
        }

        case 'tool-result':
          yield {
            type: 'tool_result',
            id: id ?? generateId(),
            model,
            timestamp,
            toolCallId: event.toolCallId,
            content: JSON.stringify(event.result),
          }
          break

        case 'finish':
          toolAccumulator.cleanupStale()

          yield {
            type: 'done',
            id: id ?? generateId(),
            model,
            timestamp,
            finishReason: mapFinishReason(event.finishReason),
            usage: mapUsage(event.usage),
          }
          break
      }
    }
  } catch (error) {
    yield {
      type: 'error',
      id: id ?? generateId(),
      model,
      timestamp,
      error: {
        message: error instanceof Error ? error.message : 'Unknown stream error',
        code: error instanceof Error && 'code' in error ? String(error.code) : undefined,
      },
    }
  } finally {
    toolAccumulator.clear()
    reader.releaseLock()
  }
}
