/**
 * What tools are called toward a provider, and back (§4, R16).
 *
 * §4 normalises names and does not say how the way back goes, without which the consumer's tool is not found (ledger
 * E18): here every change is remembered, and two tools never share a name.
 */

import type { ModelMessage, Tool } from '@tanstack/ai'

import { filled, isRecord } from './reading.js'

const LONGEST = 64
const REFUSED = /[^A-Za-z0-9_-]/g

/** The names of one request's tools; those that every provider takes stay as they are. */
export class ToolNames {
  readonly #sent = new Map<string, string>()
  readonly #own = new Map<string, string>()

  constructor(names: Iterable<string>) {
    const all = [...new Set(names)]
    const isFit = (name: string): boolean => plain(name) === name
    for (const name of [...all.filter(isFit), ...all.filter((one) => !isFit(one))]) this.#add(name)
  }

  /** Return the name under which the provider knows a tool. */
  sent(name: string): string {
    return this.#sent.get(name) ?? name
  }

  /** Return the consumer's own name of a tool; one that the model made up stays as it is. */
  own(name: string): string {
    return this.#own.get(name) ?? name
  }

  #add(name: string): void {
    const base = plain(name)
    let free = base
    for (let number = 2; this.#own.has(free); number++) {
      const end = `_${number}`
      free = base.slice(0, LONGEST - end.length) + end
    }
    this.#sent.set(name, free)
    this.#own.set(free, name)
  }
}

/** Yield the names of the tools that a request offers, forces, or has called before. */
export function* namesIn(request: {
  tools?: ReadonlyArray<Tool> | undefined
  messages?: ReadonlyArray<ModelMessage> | undefined
  toolChoice?: unknown
}): Generator<string> {
  for (const tool of request.tools ?? []) yield tool.name
  const forced = forcedTool(request.toolChoice)
  if (forced !== undefined) yield forced
  for (const message of request.messages ?? []) for (const call of message.toolCalls ?? []) {
    // What is no call is told by whoever converts it.
    const name: unknown = call?.function?.name
    if (typeof name === 'string') yield name
  }
}

/** Return the tool that a choice forces, in V2's form or in OpenAI's; undefined where it forces none. */
export function forcedTool(choice: unknown): string | undefined {
  if (!isRecord(choice)) return undefined
  if (choice.type === 'tool') return filled(choice.toolName)
  return choice.type === 'function' && isRecord(choice.function) ? filled(choice.function.name) : undefined
}

/** Return a name in the letters and the length that every provider takes. */
function plain(name: string): string {
  const letters = name.replace(REFUSED, '_')
  return (/^[A-Za-z_]/.test(letters) ? letters : `_${letters}`).slice(0, LONGEST)
}
