/**
 * Work that is ended when its time is up, though it never gives control away, as a regular expression does not.
 */

import { createContext, Script } from 'node:vm'

import { isRecord } from '../reading.js'

const CALL = new Script('work()')
const room: { work?: () => unknown } = createContext({}) // made once: that takes longer than most work

/**
 * Return what the work returns, undefined where it had not come to its end within so many milliseconds.
 *
 * Node ends only what runs by its `vm`; nothing is shut in there. Raises what the work raises.
 */
export function withinTime<T>(work: () => T, milliseconds: number): { readonly value: T } | undefined {
  room.work = work
  try {
    return { value: CALL.runInContext(room, { timeout: milliseconds }) as T }
  } catch (error) {
    if (isRecord(error) && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined // of another realm's class
    throw error
  } finally {
    delete room.work
  }
}
