/** A real adapter, all of whose requests go through the fetch that it is given. */

import { createOpenaiChat } from '../peers/node_modules/ai-openai-0.3.0/dist/esm/index.js'

import { serve } from '../../harness/drivers/shims/typescript/src/index.js'

serve({
  name: '@tanstack/ai-openai',
  version: '0.3.0',
  profile: 'tanstack',
  wires: ['openai-responses'],
  fetchShim: true,
  createAdapter: ({ model, apiKey, baseUrl, fetch }) =>
    createOpenaiChat(model, apiKey, { baseURL: baseUrl, maxRetries: 0, fetch }),
})
