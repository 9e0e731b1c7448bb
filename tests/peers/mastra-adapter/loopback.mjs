/**
 * The world as a test has it: no request leaves this machine, and no key of its user is seen.
 *
 * To be imported before anything that keeps the global `fetch` that it found.
 */

import process from 'node:process'

const platforms = globalThis.fetch
const HERE = new Set(['127.0.0.1', 'localhost', '[::1]'])
const TOKEN_OF_NETLIFY = /^https:\/\/api\.netlify\.com\/api\/v1\/sites\/[^/]+\/ai-gateway\/token$/

/** Where Netlify's gateway says that a site's models are. */
export const NETLIFY = 'https://netlify-gateway.invalid'

/** Forget the keys that a user's environment may hold: what a played provider receives is kept and shown. */
export function forgetKeys(registry) {
  for (const { apiKeyEnvVar } of Object.values(registry)) for (const name of [apiKeyEnvVar].flat()) delete process.env[name]
  process.env.NETLIFY_SITE_ID = 'streamchunk'
  process.env.NETLIFY_TOKEN = 'streamchunk'
}

globalThis.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input)
  if (HERE.has(url.hostname)) return platforms(input, init)
  if (TOKEN_OF_NETLIFY.test(url.href)) {
    return Response.json({ token: 'streamchunk', url: NETLIFY, expires_at: Date.now() / 1000 + 86_400 })
  }
  throw new TypeError('fetch failed', { cause: new Error(`${url.hostname} is not a played provider`) })
}
