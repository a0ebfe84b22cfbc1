/**
 * Whether a name can be a branch, after the rules of `git check-ref-format --branch`
 * (https://git-scm.com/docs/git-check-ref-format). Decided here and not by git: it is asked several times a job.
 */
export function isBranchName(name: string): boolean {
  if (name.length === 0 || name.length > 255 || name === '@' || name === 'HEAD' || name.startsWith('-')) return false
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are just what must not be there
  if (/[\u0000-\u0020\u007f~^:?*[\\]/.test(name) || name.includes('..') || name.includes('@{') || name.endsWith('.'))
    return false
  return name.split('/').every((part) => part.length > 0 && !part.startsWith('.') && !part.endsWith('.lock'))
}

/** Whether a text is a full object id. */
export function isObjectId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)
}
