/** Shapes of credentials that their issuers publish. Words like `password = …` are not among them: too much is like that. */

/** One kind of credential. */
export interface SecretPattern {
  readonly name: string
  /** Global; its first group is the random part, else the whole match is. */
  readonly pattern: RegExp
}

const BEFORE = '(?<![A-Za-z0-9_])'
const AFTER = '(?![A-Za-z0-9_])'
const exactly = (body: string, flags = 'g'): RegExp => new RegExp(`${BEFORE}${body}${AFTER}`, flags)

export const SECRET_PATTERNS: readonly SecretPattern[] = [
  {
    name: 'private key',
    pattern:
      /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\\[nr]|["'+,\s]|[A-Za-z-]{1,40}: [^\n]{0,80}){0,40}([A-Za-z0-9+/=]{40,})/g,
  },
  { name: 'age key', pattern: exactly('AGE-SECRET-KEY-1([QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58})') },
  // Installation tokens also look like `ghs_<app id>_<JWT>`, about 520 characters.
  { name: 'GitHub token', pattern: /(?<![A-Za-z0-9])gh[pousr]_(?:\d{1,20}_)?([A-Za-z0-9_-]{30,}(?:\.[\w-]{10,}){0,2})/g },
  { name: 'GitHub token', pattern: /(?<![A-Za-z0-9])github_pat_(\w{60,255})/g },
  { name: 'GitLab token', pattern: /(?<![A-Za-z0-9])gl(?:pat|ptt|dt|rt|soat|ft|agent|cbt)-([\w-]{20,})/g },
  { name: 'npm token', pattern: exactly('npm_([A-Za-z0-9]{36})') },
  { name: 'PyPI token', pattern: /(?<![A-Za-z0-9])pypi-(AgE[\w-]{50,})/g },
  { name: 'RubyGems token', pattern: exactly('rubygems_([a-f0-9]{48})') },
  { name: 'Docker token', pattern: /(?<![A-Za-z0-9])dckr_(?:pat|oat)_([\w-]{27,})/g },
  { name: 'AWS access key', pattern: exactly('(?:AKIA|ASIA)([A-Z2-7]{16})') },
  {
    name: 'AWS secret key',
    pattern: /aws_?secret_?(?:access_?)?key["']?\s{0,5}[:=]\s{0,5}["']?([A-Za-z0-9+/]{40})(?![A-Za-z0-9+/])/gi,
  },
  { name: 'Google API key', pattern: /(?<![A-Za-z0-9])AIza([\w-]{35})(?![\w-])/g },
  { name: 'Google OAuth secret', pattern: /(?<![A-Za-z0-9])GOCSPX-([\w-]{28})(?![\w-])/g },
  { name: 'Azure storage key', pattern: /AccountKey=([A-Za-z0-9+/]{86}==)/g },
  { name: 'Anthropic key', pattern: /(?<![A-Za-z0-9])sk-ant-(?:[a-z]{2,10}\d{2}-)?([\w-]{32,})/g },
  {
    name: 'OpenAI key',
    pattern: /(?<![A-Za-z0-9])sk-(?:(?:proj|svcacct|admin)-([\w-]{40,})|([A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}))/g,
  },
  { name: 'OpenRouter key', pattern: exactly('sk-or-v1-([a-f0-9]{64})') },
  { name: 'Hugging Face token', pattern: exactly('hf_([A-Za-z0-9]{34,})') },
  { name: 'Slack token', pattern: /(?<![A-Za-z0-9])xox[abeoprs]-((?:\d+-)*[A-Za-z0-9-]{20,})/g },
  { name: 'Slack webhook', pattern: /hooks\.slack\.com\/services\/(T\w{6,}\/B\w{6,}\/\w{20,})/g },
  { name: 'Discord webhook', pattern: /discord(?:app)?\.com\/api\/webhooks\/(\d{17,20}\/[\w-]{60,})/g },
  { name: 'Stripe key', pattern: /(?<![A-Za-z0-9])[rs]k_live_([A-Za-z0-9]{20,})/g },
  { name: 'Stripe webhook secret', pattern: exactly('whsec_([A-Za-z0-9+/]{32,})') },
  { name: 'Twilio key', pattern: exactly('SK([a-f0-9]{32})') },
  { name: 'SendGrid key', pattern: /(?<![A-Za-z0-9])SG\.([\w-]{20,24}\.[\w-]{39,50})/g },
  { name: 'Mailgun key', pattern: exactly('key-([a-f0-9]{32})') },
  { name: 'DigitalOcean token', pattern: exactly('do[opr]_v1_([a-f0-9]{64})') },
  { name: 'Shopify token', pattern: exactly('shp(?:at|ca|pa|ss)_([a-fA-F0-9]{32})') },
  { name: 'Databricks token', pattern: exactly('dapi([a-f0-9]{32})') },
  { name: 'Vault token', pattern: /(?<![A-Za-z0-9])hv[sb]\.([\w-]{24,})/g },
  { name: 'Terraform token', pattern: /(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.([\w-]{60,})/g },
  { name: 'Linear key', pattern: exactly('lin_api_([A-Za-z0-9]{40})') },
  { name: 'Postman key', pattern: exactly('PMAK-([a-f0-9]{24}-[a-f0-9]{34})') },
  { name: 'Grafana token', pattern: /(?<![A-Za-z0-9])gl(?:sa|c)_([A-Za-z0-9+/=]{32,}(?:_[a-f0-9]{8})?)/g },
  { name: 'Sentry token', pattern: /(?<![A-Za-z0-9])sntry[su]_([\w+/=]{60,})/g },
  // A password in an address, where the host is no example of one.
  {
    name: 'password in an address',
    pattern:
      /(?<![A-Za-z0-9])(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|https?):\/\/[^\s/:@"'`<>{}$]{1,100}:([^\s/@"'`<>{}$]{12,200})@(?!localhost|127\.|\[::1\]|[\w.-]*example\.)/g,
  },
]

/** Fewest bits of information per character that something random has. */
const BITS_MIN = 3
/** The same character, or the next one of the alphabet, so often in a row is nobody's key. */
const PLACEHOLDER =
  /(.)\1{5}|example|placeholder|dummy|sample|redacted|your[_-]?(?:key|token|secret)|changeme|x{4}|0123456|1234567|abcdefg/i

/** Whether it can be a real one: what stands in documents and tests is monotonous, or says what it is. */
export function looksRandom(text: string): boolean {
  if (PLACEHOLDER.test(text)) return false
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits >= BITS_MIN
}
