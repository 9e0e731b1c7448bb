// §12.2's transformer, sentence by sentence. `decode` is the switch of decoding.mjs; nothing else is mended.

import { generateId, mapFinishReason, mapUsage } from './mapping.mjs'

/**
 * Turn a language model's stream parts into TanStack's chunks (§12.2, `transformMastraStreamToTanStack`).
 *
 * @param {ReadableStream} stream
 * @param {string} baseModel
 * @param {(value: any) => any} decode
 */
export async function* transformMastraStreamToTanStack(stream, baseModel, decode) {
  const timestamp = Date.now()
  /** @type {string | null} */
  let id = null
  let model = baseModel

  const textBuffers = new Map()
  const reasoningBuffers = new Map()

  /** @type {Map<string, { toolName: string, args: any, index: number }>} */
  const toolCallBuffer = new Map()
  let toolCallIndex = 0

  const reader = stream.getReader()

  try {
    while (true) {
      const { done, value } = await reader.read()
      if (done) break

      const event = decode(value)

      switch (event.type) {
        case 'stream-start':
          break

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
          toolCallBuffer.set(event.id, { toolName: event.toolName, args: null, index: toolCallIndex++ })
          break

        case 'tool-input-delta': {
          const buffered = toolCallBuffer.get(event.id)
          if (buffered) {
            if (buffered.args === null) {
              buffered.args = event.delta
            } else if (typeof buffered.args === 'string' && typeof event.delta === 'string') {
              buffered.args = buffered.args + event.delta
            } else {
              buffered.args = { ...buffered.args, ...event.delta }
            }
          }
          break
        }

        case 'tool-input-end':
          break

        case 'tool-call': {
          const bufferedTool = toolCallBuffer.get(event.toolCallId)
          yield {
            type: 'tool_call',
            id: id ?? generateId(),
            model,
            timestamp,
            index: bufferedTool?.index ?? 0,
            toolCall: {
              id: event.toolCallId,
              type: 'function',
              function: { name: event.toolName, arguments: JSON.stringify(event.input) },
            },
          }
          toolCallBuffer.delete(event.toolCallId)
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

        case 'finish': {
          const usage = mapUsage(event.usage)

          yield {
            type: 'done',
            id: id ?? generateId(),
            model,
            timestamp,
            finishReason: mapFinishReason(event.finishReason),
            usage,
          }
          break
        }

        default:
          console.warn(`[MastraAdapter] Unknown stream event type: ${event.type}`)
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
    reader.releaseLock()
  }
}
