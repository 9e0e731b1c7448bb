/**
 * The ways to ask for structured output (§7, §14.5, R33).
 */

import type { JSONSchema } from '@tanstack/ai'
import type { StructuredOutputResult } from '@tanstack/ai/adapters'

import type { Ask } from '../asking.js'
import type { ChatOptions } from '../configuration.js'
import { AdapterError, describeFailure } from '../errors.js'
import type { CallOptions } from '../languageModel.js'
import { type Answer, wholeAnswer } from './answer.js'
import type { Capability, Family } from './capabilities.js'
import { AnswerError, CallError, StructuredOutputError } from './errors.js'
import { instructionFor } from './instructions.js'
import { parsedWith, type Reader, readerOf, wholeWith } from './parsing.js'
import { unwrapped, withRootObject } from './rootObject.js'
import { transformedFor } from './transform.js'
import { Validator } from './validation.js'

const TOOL = 'structured_output'
const DESCRIPTION = 'Use this tool to provide your response in the required structured format.'

/** One way to ask: what is changed of a call, what is said first, and how the answer is read. */
export interface Way {
  readonly name: 'native' | 'tool-based' | 'instruction'
  readonly changes: Partial<CallOptions>
  readonly prompts: ReadonlyArray<string>
  readonly read: (answer: Answer) => StructuredOutputResult<unknown>
}

/**
 * Return the ways to ask a model for data of a schema, the next one for where the one before gave nothing.
 *
 * Raises SchemaError for a schema that cannot be sent in one of them, before anything is asked.
 */
export function waysFor({ family, support }: Capability, schema: JSONSchema): ReadonlyArray<Way> {
  const read = readerOf(new Validator(schema))
  switch (support) {
    case 'native':
      return [native(family, schema, read)]
    case 'tool-based':
      return [toolBased(schema, read)]
    case 'constrained':
      return [native(family, schema, read), toolBased(schema, read)]
    case 'instruction':
      return [instruction(schema, read)]
  }
}

/**
 * Ask in one way, once, and return what was answered.
 *
 * Raises AnswerError for an answer that cannot be used, EndingError for one that came to no good end, CallError where
 * there was none, and AdapterError where the consumer left.
 */
export async function askedIn(way: Way, ask: Ask, chat: ChatOptions): Promise<StructuredOutputResult<unknown>> {
  const { tools: _, toolChoice: __, ...rest } = chat // the only tool is the one that holds the answer
  const systemPrompts = [...way.prompts, ...(chat.systemPrompts ?? [])]
  const asked: ChatOptions = { ...rest, systemPrompts, temperature: chat.temperature ?? 0 }
  let answer: Answer
  try {
    // The answer is of use only as a whole, so it is asked for as one (§14.5).
    answer = await wholeAnswer(ask(asked, way.changes, 'doGenerate'), TOOL)
  } catch (error) {
    throw error instanceof StructuredOutputError || isAbort(error) ? error : notAnswered(error)
  }
  return way.read(answer)
}

/** Tell whether another way may help: the answer could not be used, or the request was refused for what it asks. */
export function isWorthAnotherWay(error: unknown): boolean {
  return error instanceof AnswerError || (error instanceof CallError && REFUSED_FOR_ITS_FORM.has(error.status ?? 0))
}

/** Statuses of a request that is not understood; never those of a missing authority (ledger H11). */
const REFUSED_FOR_ITS_FORM = new Set([400, 415, 422, 501])

function native(family: Family | undefined, schema: JSONSchema, read: Reader): Way {
  const isOpenAI = family === 'openai'
  const root = isOpenAI ? withRootObject(schema) : { schema, isWrapped: false }
  const sent = transformedFor(family, root.schema)
  return {
    name: 'native',
    // §14.5's `providerOptions.response_format` changes nothing of the request (ledger H3).
    changes: {
      responseFormat: { type: 'json', schema: sent, name: TOOL },
      ...(isOpenAI && { providerOptions: { openai: { strictJsonSchema: true } } }),
    },
    prompts: [],
    read: ({ text }) => parsedWith(text, root.isWrapped ? unwrapping(read) : read, true),
  }
}

function toolBased(schema: JSONSchema, read: Reader): Way {
  const root = withRootObject(schema)
  const reader = root.isWrapped ? unwrapping(read) : read
  return {
    name: 'tool-based',
    // §14.5 copies `properties` and `required` only, and loses the tool's name (ledger H4, A14).
    changes: {
      tools: [{ type: 'function', name: TOOL, description: DESCRIPTION, inputSchema: root.schema }],
      toolChoice: { type: 'tool', toolName: TOOL },
    },
    prompts: [],
    read: (answer) => inputOrText(answer, reader),
  }
}

function instruction(schema: JSONSchema, read: Reader): Way {
  return {
    name: 'instruction',
    changes: {},
    prompts: [instructionFor(schema)],
    read: ({ text }) => parsedWith(text, read, true),
  }
}

/** Return the last input that fits, or what the text holds where there is none (§14.5). */
function inputOrText({ text, inputs }: Answer, read: Reader): StructuredOutputResult<unknown> {
  let first: unknown
  for (const attempt of [
    ...inputs.map((input) => () => wholeWith(input, read)).reverse(),
    () => parsedWith(text, read, true),
  ]) {
    try {
      return attempt()
    } catch (error) {
      if (!(error instanceof AnswerError)) throw error
      first ??= error
    }
  }
  throw first
}

function unwrapping(read: Reader): Reader {
  return (value) => {
    const reading = read(unwrapped(value))
    return reading.fault === undefined ? reading : read(value)
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof AdapterError && error.code === 'ABORTED'
}

function notAnswered(error: unknown): CallError {
  const { message, code } = describeFailure(error)
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined
  return new CallError(
    `The model could not be asked: ${message}`,
    code,
    typeof status === 'number' ? status : undefined,
  )
}
