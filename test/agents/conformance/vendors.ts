import process from 'node:process'

/** The key of every vendor: it is the runner's, and no agent may ever hold it. */
export const VENDORS_KEY = 'sk-scripted'

/** A runner's environment with every vendor's key, and every vendor at the scripted model's address. */
export function vendors(modelUrl: string) {
  return {
    PATH: process.env.PATH,
    ANTHROPIC_API_KEY: VENDORS_KEY,
    ANTHROPIC_BASE_URL: modelUrl,
    OPENAI_API_KEY: VENDORS_KEY,
    OPENAI_BASE_URL: `${modelUrl}/v1`,
    GEMINI_API_KEY: VENDORS_KEY,
    GOOGLE_GEMINI_BASE_URL: modelUrl,
  }
}
