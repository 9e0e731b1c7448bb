/** `expect(chunks).toConform()` in jest, with `@jest/globals` and with `@types/jest`. */

import type { ConformOptions } from './matcher.cjs'

type Result<R, T> = T extends AsyncIterable<any> ? Promise<void> : R

declare module 'expect' {
  interface Matchers<R, T> {
    /** Holds chunks to the protocol; a stream is to be awaited. */
    toConform(options?: ConformOptions): Result<R, T>
  }
}

declare global {
  namespace jest {
    interface Matchers<R, T> {
      /** Holds chunks to the protocol; a stream is to be awaited. */
      toConform(options?: ConformOptions): Result<R, T>
    }
  }
}
