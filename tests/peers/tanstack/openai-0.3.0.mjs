import { serve } from '../../../harness/drivers/shims/typescript/src/index.js'
import { createOpenaiChat } from 'ai-openai-0.3.0'

serve({
  name: '@tanstack/ai-openai', version: '0.3.0', profile: 'tanstack', wires: ['openai-responses'],
  createAdapter: ({ model, apiKey, baseUrl, fetch }) =>
    createOpenaiChat(model.split('/').at(-1), apiKey, { baseURL: baseUrl, maxRetries: 0, fetch }),
})
