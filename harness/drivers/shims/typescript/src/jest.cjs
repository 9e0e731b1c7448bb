'use strict'

/** Adds `toConform` to jest's `expect`; require it in a test, or name it in `setupFilesAfterEnv`. */

const { expect } = require('@jest/globals')

const { toConform } = require('./matcher.cjs')

expect.extend({ toConform })
