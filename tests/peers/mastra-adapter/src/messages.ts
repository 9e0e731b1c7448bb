/**
 * TanStack's messages → an AI SDK V2 prompt (§4, §11.1, R30, R31).
 *
 * §11.1 writes shapes that the SDK does not have: a tool message with a text is a TypeError, an assistant's text is
 * sent empty, arguments as text get lost, one message per call splits a turn (ledger A6 to A10). We read V2's.
 */

import type { ModelMessage } from '@tanstack/ai'

import { parseExactly } from './exactJson.js'
import { filePart, isFile } from './fileParts.js'
import type { FilePart, Prompt, PromptMessage, TextPart, ToolCallPart, ToolResultPart } from './languageModel.js'
import { filled, isRecord } from './reading.js'
import { ToolNames } from './toolNames.js'

/**
 * Return the prompt for a conversation: one message per turn, in order, a turn's texts and files before its calls.
 *
 * Consecutive messages of the assistant are one turn, and so are consecutive results. `names` are the tools' names
 * toward the provider. Raises Error, naming it, for an unknown role or part type, and for what cannot be read.
 */
export function convertToAISDKMessages(
  messages: ReadonlyArray<ModelMessage>,
  names: ToolNames = new ToolNames([]),
): Prompt {
  const toolOf = new Map<string, string>()
  const prompt: Prompt = []
  for (const message of messages) append(prompt, converted(message, names, toolOf))
  return prompt.map(withoutEmptyTexts)
}

function converted(message: ModelMessage, names: ToolNames, toolOf: Map<string, string>): PromptMessage {
  // A list from elsewhere may hold more roles than TanStack's type: its own servers pass `system` on.
  const role: string = message.role
  switch (role) {
    case 'system':
      return { role, content: textOf(message.content) }
    case 'user':
      return { role, content: contentParts(message.content) }
    case 'assistant':
      return { role, content: [...contentParts(message.content), ...callParts(message, names, toolOf)] }
    case 'tool':
      return { role, content: [resultPart(message, names, toolOf)] }
    default:
      throw new Error(`Unsupported message role: ${String(role)}`)
  }
}

/** Add a message, to the one before where both are of one turn. */
function append(prompt: Prompt, message: PromptMessage): void {
  const before = prompt.at(-1)
  if (before?.role === 'assistant' && message.role === 'assistant') {
    const parts = [...before.content, ...message.content]
    const isCall = (part: (typeof parts)[number]): boolean => part.type === 'tool-call'
    before.content = [...parts.filter((part) => !isCall(part)), ...parts.filter(isCall)]
  } else if (before?.role === 'tool' && message.role === 'tool') {
    before.content.push(...message.content)
  } else {
    prompt.push(message)
  }
}

/** Return a message without its empty texts, which providers refuse; one stays where there would be no part (R31). */
function withoutEmptyTexts(message: PromptMessage): PromptMessage {
  if (message.role !== 'user' && message.role !== 'assistant') return message
  const content = message.content.filter((part) => part.type !== 'text' || part.text !== '')
  return { ...message, content: content.length === 0 ? [{ type: 'text', text: '' }] : content } as PromptMessage
}

function contentParts(content: unknown): Array<TextPart | FilePart> {
  if (content === null || content === undefined) return []
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (!Array.isArray(content)) throw new Error('The content of a message is neither a text nor a list of parts')
  return content.map((part) => {
    const type = isRecord(part) ? filled(part.type) : undefined
    if (type === undefined) throw new Error('A content part has no type')
    if (type === 'text' && typeof part.content === 'string') return { type, text: part.content }
    if (type === 'text') throw new Error('A content part of type text has no text')
    if (isFile(type)) return filePart(part, type)
    throw new Error(`Unsupported content part type: ${type}`)
  })
}

function textOf(content: unknown): string {
  return contentParts(content)
    .map((part) => {
      if (part.type === 'text') return part.text
      throw new Error('A system message holds text only')
    })
    .join('')
}

function callParts(message: ModelMessage, names: ToolNames, toolOf: Map<string, string>): Array<ToolCallPart> {
  return (message.toolCalls ?? []).map((call: unknown) => {
    const told = isRecord(call) && isRecord(call.function) ? call.function : {}
    const [toolCallId, name] = [filled(isRecord(call) ? call.id : undefined), filled(told.name)]
    if (toolCallId === undefined) throw new Error('An earlier call has no id')
    if (name === undefined) throw new Error(`The earlier call ${toolCallId} names no function`)
    toolOf.set(toolCallId, name)
    return { type: 'tool-call', toolCallId, toolName: names.sent(name), input: inputOf(told.arguments, name) }
  })
}

/** Return a call's arguments as the value that they are: blank ones are none, and big numbers keep their digits. */
function inputOf(written: unknown, name: string): unknown {
  if (typeof written !== 'string') return written ?? {}
  if (written.trim() === '') return {}
  try {
    return parseExactly(written)
  } catch {
    throw new Error(`The arguments of an earlier call of ${name} are not JSON`)
  }
}

function resultPart(message: ModelMessage, names: ToolNames, toolOf: ReadonlyMap<string, string>): ToolResultPart {
  const toolCallId = filled(message.toolCallId)
  if (toolCallId === undefined) throw new Error('A tool message has no toolCallId')
  // V2 asks for a name also where the call is not in the list, as in a conversation that was shortened.
  const toolName = names.sent(toolOf.get(toolCallId) ?? filled(message.name) ?? toolCallId)
  return { type: 'tool-result', toolCallId, toolName, output: { type: 'text', value: resultText(message.content) } }
}

/**
 * Return a result as text: a text as it stands, null as an empty one, anything else as its JSON (§11.1, R31).
 *
 * So the parts of a result are told in words, with the base64 of an image among them. V2's `content` output would show
 * an image to some models; but most packages write that as JSON, too, some refuse or leave out what is no image, and
 * Google's of 1.0.4 makes several answers of one.
 */
function resultText(content: unknown): string {
  if (content === null || content === undefined) return ''
  return typeof content === 'string' ? content : JSON.stringify(content)
}
