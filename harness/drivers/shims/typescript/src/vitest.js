/** Adds `toConform` to vitest's `expect`; import it in a test, or name it in `setupFiles`. */

import { expect } from 'vitest'

import { toConform } from './matcher.cjs'

expect.extend({ toConform })
