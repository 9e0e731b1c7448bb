/** The adapter of the tests, served with everything that can be declared. */

import { installFetch, serve } from '../../harness/drivers/shims/typescript/src/index.js'

import { createAdapter } from './adapter.mjs'

installFetch()
serve({
  name: 'test adapter',
  version: '1.2.3',
  homepage: 'https://example.org',
  profile: 'tanstack',
  wires: ['openai-chat', 'anthropic-messages'],
  acceptsModel: true,
  approvals: true,
  fetchShim: true,
  maxConcurrentRuns: 4,
  redirect: ['https://api.provider.example/', 'http://127.0.0.1:9/v2'],
  createAdapter,
  convertMessages: (messages) => messages.map(({ role }) => role),
  convertTools: async (tools) => ({ count: tools.length }),
  parseJson: (text, schema) => ({ data: JSON.parse(text), rawText: text, schema }),
  transformSchema: (schema, provider) => ({ ...schema, provider }),
})
