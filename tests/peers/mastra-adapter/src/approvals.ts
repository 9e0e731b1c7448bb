/**
 * The consumer's leave for calls of tools that need it (§6.4, R27).
 */

import type { Tool } from '@tanstack/ai'

import { unlessAborted } from './abort.js'
import type { Call } from './toolCalls.js'

/** Answers whether the call behind an approval's id may be executed. */
export type Approve = (approvalId: string) => PromiseLike<boolean>

/** Return the names of the tools that are not executed without leave. */
export function needingApproval(tools: ReadonlyArray<Tool> = []): ReadonlySet<string> {
  return new Set(tools.filter((tool) => tool.needsApproval === true).map((tool) => tool.name))
}

/** Return the id of the question about a call, which is the one that TanStack's engine would give it. */
export const approvalIdOf = (toolCallId: string): string => `approval_${toolCallId}`

/** What stands in the place of the result of a call that was denied; the model may read it. */
export const DENIED = JSON.stringify({ error: 'The user denied this tool call' })

/** A question that was asked about a call; what depends on it is held until it is answered, and nothing else (R27). */
export class Question {
  /** Undefined while it is open. */
  isApproved: boolean | undefined
  readonly #answer: Promise<void>

  constructor(
    readonly call: Call,
    approve: Approve,
    approvalId: string,
  ) {
    this.#answer = Promise.resolve(approve(approvalId)).then((isApproved) => {
      this.isApproved = isApproved === true // leave is given by saying so, and by nothing else
    })
    this.#answer.catch(() => undefined) // raised where it is waited for, which may be later
  }

  /** Wait for the answer; raises AdapterError where the consumer goes away first. */
  async answered(signal: AbortSignal | undefined): Promise<void> {
    await unlessAborted(this.#answer, signal)
  }
}
