/**
 * Structured output: a model is asked in the way that it knows, until an answer fits (§7, §14, R32, R33, R37).
 */

import type { StructuredOutputOptions, StructuredOutputResult } from '@tanstack/ai/adapters'

import type { Ask } from '../asking.js'
import type { ChatOptions } from '../configuration.js'
import { capabilityOf } from './capabilities.js'
import { AnswerError, StructuredOutputError } from './errors.js'
import { reminderFor } from './instructions.js'
import { askedIn, isWorthAnotherWay, type Way, waysFor } from './strategies.js'

const DEFAULT_RETRIES = 2 // §14.6

/** What is asked, and how often. */
export interface Limits {
  /** The router's id of the model. */
  readonly model: string
  /** How many further attempts may follow an answer that cannot be used. */
  readonly maxRetries: number | undefined
}

/**
 * Return `{data, rawText}` of a model's answer.
 *
 * Only an answer that cannot be used is asked for again, judged by the error's type, while §14.6 looks for words that a
 * model's text may hold (ledger H11, R37). Raises StructuredOutputError with what was tried, and what `ask` raises for
 * an abort.
 */
export async function structuredOutput(
  ask: Ask,
  { chatOptions, outputSchema }: StructuredOutputOptions<Record<string, unknown>>,
  { model, maxRetries = DEFAULT_RETRIES }: Limits,
): Promise<StructuredOutputResult<unknown>> {
  const ways = waysFor(capabilityOf(model), outputSchema)
  const tried: Array<string> = []
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attempted(ways, ask, withReminder(chatOptions, attempt), tried)
    } catch (error) {
      if (!(error instanceof AnswerError) || attempt > maxRetries) throw withAttempts(error, tried)
    }
  }
}

/** Ask in each way until one gives an answer; raises the error of the last that was tried. */
async function attempted(
  ways: ReadonlyArray<Way>,
  ask: Ask,
  chat: ChatOptions,
  tried: Array<string>,
): Promise<StructuredOutputResult<unknown>> {
  for (const [index, way] of ways.entries()) {
    tried.push(way.name)
    try {
      return await askedIn(way, ask, chat)
    } catch (error) {
      if (index === ways.length - 1 || !isWorthAnotherWay(error)) throw error
    }
  }
  throw new StructuredOutputError('There is no way to ask this model')
}

function withReminder(chat: ChatOptions, attempt: number): ChatOptions {
  return attempt === 1 ? chat : { ...chat, systemPrompts: [...(chat.systemPrompts ?? []), reminderFor(attempt)] }
}

/** Return an error that tells how often and in which ways the model was asked, where that was more than once. */
function withAttempts(error: unknown, tried: ReadonlyArray<string>): unknown {
  if (!(error instanceof StructuredOutputError) || tried.length < 2) return error
  const ways = tried.join(', ')
  return new StructuredOutputError(
    `Structured output failed after ${tried.length} attempts (${ways}). ${error.message}`,
    error.code,
  )
}
