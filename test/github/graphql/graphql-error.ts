/** An entry of GraphQL's `errors`, by GitHub's types. */
export class GraphqlError extends Error {
  readonly type: string
  constructor(type: string, message: string) {
    super(message)
    this.type = type
  }
}
