/** Reasons of the refusals that people get when they read and change customers: programs may depend on them. */
export const Reason = {
  permissionMissing: 'PERMISSION_MISSING',
  /** The field is not shown to this caller, so it can neither be filtered nor sorted by. */
  fieldNotShown: 'FIELD_NOT_SHOWN',
  invalidFilter: 'INVALID_FILTER',
  invalidOrder: 'INVALID_ORDER',
  invalidPageToken: 'INVALID_PAGE_TOKEN',
  invalidResourceName: 'INVALID_RESOURCE_NAME',
  maskedQuery: 'MASKED_QUERY',
  maskedValue: 'MASKED_VALUE',
  idCheckDigit: 'ID_CHECK_DIGIT',
  lookUpLimit: 'LOOK_UP_LIMIT',
  lookUpMissLimit: 'LOOK_UP_MISS_LIMIT',
  /** Numbers that differ only in what a mask hides look like guesses at one value. */
  lookUpGuesses: 'LOOK_UP_GUESSES',
  revealLimit: 'REVEAL_LIMIT',
  severalCustomers: 'SEVERAL_CUSTOMERS',
  alreadyRestricted: 'ALREADY_RESTRICTED',
  notRestricted: 'NOT_RESTRICTED',
  restrictedByCore: 'RESTRICTED_BY_CORE',
  /** Only a participant lifts a restriction. */
  notAParticipant: 'NOT_A_PARTICIPANT',
  participantExists: 'PARTICIPANT_EXISTS',
  cannotNameOneself: 'CANNOT_NAME_ONESELF',
  namedByCore: 'NAMED_BY_CORE',
  noNextStep: 'NO_NEXT_STEP',
  nextStepDone: 'NEXT_STEP_DONE',
  partitionNotStopped: 'PARTITION_NOT_STOPPED',
  kafkaUnreachable: 'KAFKA_UNREACHABLE',
  /** Nothing has ever come from the source. */
  unknownSource: 'UNKNOWN_SOURCE',
  invalidSelection: 'INVALID_SELECTION',
  invalidEtag: 'INVALID_ETAG',
  unknownTopic: 'UNKNOWN_TOPIC',
  /** What a steward has put in the place of a message could not be applied either. */
  stillNotApplicable: 'STILL_NOT_APPLICABLE',
  /** A correction changes, or cannot keep, a field that only a new message of the source may change. */
  onlyBySource: 'ONLY_BY_SOURCE',
  /** The message concerns a restricted customer and the caller is no participant, or it may concern one. */
  contentWithheld: 'CONTENT_WITHHELD',
} as const;
