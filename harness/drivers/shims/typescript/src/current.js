/** Which run the code that runs just now belongs to, through every await. */

import { AsyncLocalStorage } from 'node:async_hooks'

/** @type {AsyncLocalStorage<import('./run.js').Run>} */
export const currentRun = new AsyncLocalStorage()
