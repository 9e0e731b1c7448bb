/**
 * The language model that the router offers, as far as this adapter speaks with it (AI SDK V2, and what V3 and V4 change).
 *
 * The router declares version 2 whatever it gives, so a part is read member by member and never trusted to have a shape
 * (ledger B7).
 */

import type { JSONSchema } from '@tanstack/ai'

/** One part of a model's stream; every member but `type` may be missing or of another kind. */
export interface StreamPart {
  readonly type: string
  readonly [member: string]: unknown
}

export type TextPart = { type: 'text'; text: string }
export type FilePart = { type: 'file'; data: string | Uint8Array | URL; mediaType: string; filename?: string }
export type ToolCallPart = { type: 'tool-call'; toolCallId: string; toolName: string; input: unknown }
/** Of V2's outputs the one that arrives with every package (R31): §11.1 makes a text of each result. */
export type ToolOutput = { type: 'text'; value: string }
export type ToolResultPart = { type: 'tool-result'; toolCallId: string; toolName: string; output: ToolOutput }

/** One message of a prompt. */
export type PromptMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: Array<TextPart | FilePart> }
  | { role: 'assistant'; content: Array<TextPart | FilePart | ToolCallPart> }
  | { role: 'tool'; content: Array<ToolResultPart> }

export type Prompt = Array<PromptMessage>

/** A tool that the model may call. */
export interface FunctionTool {
  type: 'function'
  name: string
  description?: string
  inputSchema: JSONSchema
}

export type ToolChoice = { type: 'auto' | 'none' | 'required' } | { type: 'tool'; toolName: string }

/** What a call of the model is given; what is not there is left to the provider. */
export interface CallOptions {
  prompt: Prompt
  tools?: Array<FunctionTool>
  toolChoice?: ToolChoice
  temperature?: number
  maxOutputTokens?: number
  topP?: number
  topK?: number
  frequencyPenalty?: number
  presencePenalty?: number
  stopSequences?: Array<string>
  seed?: number
  includeRawChunks?: boolean
  responseFormat?: { type: 'text' } | { type: 'json'; schema?: JSONSchema; name?: string; description?: string }
  providerOptions?: Record<string, Record<string, unknown>>
  headers?: Record<string, string>
  abortSignal?: AbortSignal
}

/** The two calls of a model; the router answers both with a stream. */
export interface LanguageModel {
  readonly provider: string
  readonly modelId: string
  doStream(options: CallOptions): PromiseLike<{ stream: AsyncIterable<unknown> }>
  doGenerate(options: CallOptions): PromiseLike<{ stream: AsyncIterable<unknown> }>
}
