/**
 * The chunks of §3: each is TanStack's own type, with the three members that every chunk has.
 */

import type {
  ApprovalRequestedStreamChunk,
  ContentStreamChunk,
  DoneStreamChunk,
  ErrorStreamChunk,
  ThinkingStreamChunk,
  ToolCallStreamChunk,
  ToolResultStreamChunk,
} from '@tanstack/ai'

/** What every chunk of one stream shares: its id, its model and one time in milliseconds (R2, R3). */
export interface Identity {
  id: string
  model: string
  timestamp: number
}

/** Make a `content` chunk; `content` is the text of the whole response so far (R4). */
export function toContentChunk(input: Identity & { delta: string; content: string }): ContentStreamChunk {
  return { type: 'content', role: 'assistant', ...input }
}

/** Make a `thinking` chunk; `content` is the reasoning of the whole response so far (R5). */
export function toThinkingChunk(input: Identity & { delta: string; content: string }): ThinkingStreamChunk {
  return { type: 'thinking', ...input }
}

/** Make a `tool_call` chunk; `arguments` is the text of one JSON object (R8). */
export function toToolCallChunk(
  input: Identity & { toolCallId: string; name: string; arguments: string; index: number },
): ToolCallStreamChunk {
  const { toolCallId, name, arguments: text, index, ...identity } = input
  return {
    type: 'tool_call',
    ...identity,
    index,
    toolCall: { id: toolCallId, type: 'function', function: { name, arguments: text } },
  }
}

/** Make a `tool_result` chunk; `content` is the JSON text of the result (R15). */
export function toToolResultChunk(input: Identity & { toolCallId: string; content: string }): ToolResultStreamChunk {
  return { type: 'tool_result', ...input }
}

/** Make the question about one call; its id is made of the call's, as TanStack's engine makes it (R27). */
export function toApprovalRequestedChunk(
  input: Identity & { toolCallId: string; toolName: string; input: unknown; approvalId: string },
): ApprovalRequestedStreamChunk {
  const { approvalId, ...rest } = input
  return { type: 'approval-requested', ...rest, approval: { id: approvalId, needsApproval: true } }
}

/** Make the terminal chunk of a stream that succeeded. */
export function toDoneChunk(
  input: Identity & { finishReason: DoneStreamChunk['finishReason']; usage: NonNullable<DoneStreamChunk['usage']> },
): DoneStreamChunk {
  return { type: 'done', ...input }
}

/** Make the terminal chunk of a stream that failed; a code that nobody knows is left out (R21). */
export function toErrorChunk(input: Identity & { message: string; code?: string | undefined }): ErrorStreamChunk {
  const { message, code, ...identity } = input
  return { type: 'error', ...identity, error: code === undefined ? { message } : { message, code } }
}
