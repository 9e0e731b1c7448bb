/**
 * A record of what the router was asked and gave, for the proof that something was lost before the adapter saw it.
 */

import { appendFileSync } from 'node:fs'

import { describeFailure } from './errors.js'
import type { CallOptions, LanguageModel } from './languageModel.js'

/** What the router threw; `whole` is all that hangs on it, such as the body of a refusal. */
interface Thrown {
  name: string
  message: string
  code?: string
  whole: unknown
}

/** A line of the record, written as it happens; `call` is the number of the call that it belongs to. */
type Line = { call: number } & ({ options: unknown } | { part: unknown } | { thrown: Thrown })

type Streamed = { stream: AsyncIterable<unknown> }

/** Return what makes a model write its calls to a file; without a file it stays as it is. */
export function tracing(file: string | undefined): (model: LanguageModel) => LanguageModel {
  if (!file) return (model) => model
  const write = (line: Line): void => appendFileSync(file, `${JSON.stringify(line, plain)}\n`)
  let calls = 0
  const traced = async (options: CallOptions, asked: () => PromiseLike<Streamed>): Promise<Streamed> => {
    const call = ++calls
    const { abortSignal: _, ...told } = options
    write({ call, options: told })
    try {
      const { stream } = await asked()
      return { stream: recorded(stream, call, write) }
    } catch (error) {
      write({ call, thrown: named(error) })
      throw error
    }
  }
  return (model) => ({
    provider: model.provider,
    modelId: model.modelId,
    doStream: (options) => traced(options, () => model.doStream(options)),
    doGenerate: (options) => traced(options, () => model.doGenerate(options)),
  })
}

async function* recorded(
  stream: AsyncIterable<unknown>,
  call: number,
  write: (line: Line) => void,
): AsyncGenerator<unknown> {
  try {
    for await (const part of stream) {
      write({ call, part })
      yield part
    }
  } catch (error) {
    write({ call, thrown: named(error) })
    throw error
  }
}

function named(error: unknown): Thrown {
  const { message, code } = describeFailure(error)
  const name = error instanceof Error ? error.name : 'Error'
  return { name, message, ...(code !== undefined && { code }), whole: error }
}

/** JSON has no words for some values, and an Error's own members are hidden from it. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
  if (value instanceof Error) return { ...value, name: value.name, message: value.message }
  return value
}
