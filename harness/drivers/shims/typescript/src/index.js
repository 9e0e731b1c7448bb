/** The shim of the StreamChunk harness: `serve` makes a target of an adapter. */

import './stdout.js' // before anything that prints

export { installFetch } from './fetch.js'
export { serve } from './serve.js'
