/** `expect(chunks).toConform()` in vitest. */

import 'vitest'
import type { ConformOptions } from './matcher.cjs'

declare module 'vitest' {
  interface Assertion<T = any> {
    /** Holds chunks to the protocol; a stream is to be awaited. */
    toConform(options?: ConformOptions): T extends AsyncIterable<any> ? Promise<void> : void
  }
}
