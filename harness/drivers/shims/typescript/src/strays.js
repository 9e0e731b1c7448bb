/** Errors that nobody caught: they end the run that they belong to, never the shim. */

import { currentRun } from './current.js'
import { described } from './errors.js'

/**
 * Catches what an adapter throws where nobody waits for it.
 *
 * It belongs to the run whose code threw it, else to the only one in flight. What comes after its run's answer, or
 * belongs to none, is told on standard error.
 *
 * @param {() => readonly import('./run.js').Run[]} inFlight
 */
export function catchStrays(inFlight) {
  /** @param {unknown} error */
  const caught = (error) => {
    const runs = inFlight()
    const run = currentRun.getStore() ?? (runs.length === 1 ? runs[0] : undefined)
    if (run !== undefined && !run.isOver) return run.fail(error)
    const { name, message } = described(error)
    const whose = run === undefined ? 'no run that could be told' : `the run ${run.id}, which had ended`
    process.stderr.write(`streamchunk-shim: nobody caught ${name}: ${message} (of ${whose})\n`)
  }
  process.on('uncaughtException', caught)
  process.on('unhandledRejection', caught)
}
