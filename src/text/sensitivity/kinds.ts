/** All that can be found, by group. The words of the configuration, of errors and of placeholders. */
export const kindGroups = {
  secret: [
    'aws_key',
    'gcp_key',
    'azure_key',
    'github_token',
    'gitlab_token',
    'slack_token',
    'stripe_key',
    'openai_key',
    'anthropic_key',
    'vendor_token',
    'private_key',
    'jwt',
    'connection_string',
    'assigned_secret',
    'password',
  ],
  personal: [
    'email',
    'phone',
    'credit_card',
    'iban',
    'us_ssn',
    'de_tax_id',
    'fr_nir',
    'es_dni',
    'it_codice_fiscale',
    'nl_bsn',
    'br_cpf',
    'in_aadhaar',
    'cn_resident_id',
    'pl_pesel',
    'gb_nino',
    'ca_sin',
    'kr_rrn',
    'ip_address',
    'birth_date',
    'passport',
  ],
} as const;

export type Group = keyof typeof kindGroups;
/** `word` and `pattern` are what a configuration looks for by itself. */
export type Kind = (typeof kindGroups)[Group][number] | 'word' | 'pattern';

export const groups = Object.keys(kindGroups) as Group[];
export const builtInKinds: readonly Kind[] = groups.flatMap((group): readonly Kind[] => kindGroups[group]);

/** The kinds that a list of kinds and groups names. */
export const kindsIn = (names: readonly string[]): readonly Kind[] =>
  names.flatMap((name): readonly Kind[] => (Object.hasOwn(kindGroups, name) ? kindGroups[name as Group] : [name as Kind]));
