/** What of the log somebody may read. */
export interface Reader {
  /** Settings of a transaction that row-level security reads. */
  settings: Readonly<Record<string, string>>;
  /** The whole log; otherwise the entries of these actors. */
  everything: boolean;
  actors: readonly string[];
  /** Settings by which it is decided which customers are shown and may be searched; undefined for a reader to whom none are. */
  customers: Readonly<Record<string, string>> | undefined;
}
