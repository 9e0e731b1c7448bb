/**
 * Waiting that ends at once when the consumer has lost interest (§6.7, R28).
 */

import { aborted } from './errors.js'

/** Wait for an answer; raises AdapterError ABORTED as soon as the signal is set, whatever becomes of the answer. */
export async function unlessAborted<T>(answer: PromiseLike<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer
  let leave = (): void => undefined
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(aborted())
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
  })
  try {
    return await Promise.race([answer, left])
  } finally {
    signal.removeEventListener('abort', leave) // else one listener for each part would stay
  }
}

/** Yield what an iterable yields until the signal is set, which is raised; the iterable is closed in every case. */
export async function* abortable<T>(
  values: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const iterator = values[Symbol.asyncIterator]()
  try {
    for (;;) {
      const step = await unlessAborted(iterator.next(), signal)
      if (step.done) return
      yield step.value
    }
  } finally {
    // Not waited for: a generator that waits itself cannot be closed before its own wait is over.
    void Promise.resolve(iterator.return?.()).catch(() => undefined)
  }
}
