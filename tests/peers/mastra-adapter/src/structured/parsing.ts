/**
 * The answer in a text that may hold more than it (§7, §14.4, R36).
 */

import type { JSONSchema } from '@tanstack/ai'
import type { StructuredOutputResult } from '@tanstack/ai/adapters'

import { AnswerError, preview } from './errors.js'
import { fencedBlocks, readings } from './fences.js'
import { outermostSpans } from './jsonSpans.js'
import { withoutFilledNulls } from './nulls.js'
import { Validator } from './validation.js'

/** A value that is taken for the answer, or why it is none. */
export type Reading = { readonly data: unknown; readonly fault?: undefined } | { readonly fault: string }

/** What decides whether a value is an answer. */
export type Reader = (value: unknown) => Reading

interface Candidate {
  readonly text: string
  readonly value: unknown
}

const THOUGHTS = /^\s*<(think|thinking|thoughts?|reasoning)\s*>[^]*?<\/\1\s*>/i
const JSON_BEGINS = /^[[{"\dtfn-]/
const TRIED = 'the whole text, fenced blocks, and objects and arrays between words'

/**
 * Return the answer that a text holds, and the text that was parsed; raises AnswerError where it holds none.
 *
 * In this order: the whole text, the last fenced block that fits the schema, the last object or array between words
 * that fits; without a schema the first of each that is an object or an array. §14.4 knows one block and no schema
 * (ledger H9); we read R36. Nothing is mended. Numbers in `data` are doubles; `rawText` keeps all digits.
 */
export function parseJsonWithFallbacks(text: string, schema?: JSONSchema): StructuredOutputResult<unknown> {
  return schema === undefined
    ? parsedWith(text, structureOnly, false)
    : parsedWith(text, readerOf(new Validator(schema)), true)
}

/** Return what reads a value as an answer to a schema, with the nulls that stand for absent members left out (R35). */
export function readerOf(validator: Validator): Reader {
  return (value) => {
    try {
      const fault = validator.faultOf(value)
      if (fault === undefined) return { data: value }
      const cleaned = withoutFilledNulls(value, validator)
      return validator.fits(cleaned) ? { data: cleaned } : { fault }
    } catch (error) {
      if (error instanceof RangeError) return { fault: 'it nests too deeply' } // what recurs is checked by recursion
      throw error
    }
  }
}

/**
 * Return the first candidate of a text that a reader takes, looking through each group from its end or its beginning;
 * raises AnswerError with the first fault where none is taken.
 */
export function parsedWith(text: string, read: Reader, lastFirst: boolean): StructuredOutputResult<unknown> {
  const spoken = text.replace(THOUGHTS, '')
  const groups = [...groupsOf(spoken), ...(spoken === text ? [] : groupsOf(text))]
  return firstTaken(
    text,
    groups.flatMap((group) => (lastFirst ? group.toReversed() : group)),
    read,
  )
}

/** Return the value of a text that is JSON and nothing else, as the input of a call is; raises AnswerError. */
export function wholeWith(text: string, read: Reader): StructuredOutputResult<unknown> {
  return firstTaken(text, [candidate(text) ?? []].flat(), read)
}

function firstTaken(text: string, candidates: ReadonlyArray<Candidate>, read: Reader): StructuredOutputResult<unknown> {
  let fault: string | undefined
  for (const { text: rawText, value } of candidates) {
    const reading = read(value)
    if (reading.fault === undefined) return { data: reading.data, rawText }
    fault ??= reading.fault
  }
  const reason = fault === undefined ? `no JSON was found (tried ${TRIED})` : `what was found does not match: ${fault}`
  throw new AnswerError(`The answer is not the JSON that was asked for: ${reason}. ${preview(text)}`)
}

/** Without a schema only a structure is an answer: a lone number or null in prose is none (R36). */
function structureOnly(value: unknown): Reading {
  return typeof value === 'object' && value !== null
    ? { data: value }
    : { fault: 'without a schema only an object or an array is an answer' }
}

/** Return the candidates of a text in groups, the better ones first; a text that is JSON holds no other answer. */
function groupsOf(text: string): Array<ReadonlyArray<Candidate>> {
  const whole = candidate(text)
  if (whole !== undefined) return [[whole]]
  const spans = outermostSpans(text)
  const blocks = fencedBlocks(text, spans).flatMap((block) => readings(block).map(candidate).find(Boolean) ?? [])
  const between = spans.flatMap(({ start, end }) => candidate(text.slice(start, end)) ?? [])
  return [blocks, between]
}

function candidate(text: string): Candidate | undefined {
  const trimmed = text.trim()
  if (!JSON_BEGINS.test(trimmed)) return undefined // a thousand blocks of prose are not worth a thousand exceptions
  try {
    return { text: trimmed, value: JSON.parse(trimmed) }
  } catch {
    return undefined
  }
}
