// The rules for names, labels and keys inside objects, each as a function from a text to the list of what is wrong with it,
// in Kubernetes' wording. The caller puts the messages into field errors.

const dns1123LabelFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const dns1123SubdomainFormat = `${dns1123LabelFormat}(\\.${dns1123LabelFormat})*`;
const dns1035LabelFormat = "[a-z]([-a-z0-9]*[a-z0-9])?";
const qualifiedNameFormat = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const labelValueFormat = `(${qualifiedNameFormat})?`;
const environmentNameFormat = "[-._a-zA-Z][-._a-zA-Z0-9]*";
const configKeyFormat = "[-._a-zA-Z0-9]+";
const headerNameFormat = "[-A-Za-z0-9]+";
const percentFormat = "[0-9]+%";

// The patterns are fixed, anchored at both ends and have one way to match any text, so they run in linear time.
const whole = (format: string): RegExp => new RegExp(`^(?:${format})$`);
const dns1123Label = whole(dns1123LabelFormat);
const dns1123Subdomain = whole(dns1123SubdomainFormat);
const dns1035Label = whole(dns1035LabelFormat);
const qualifiedName = whole(qualifiedNameFormat);
const labelValue = whole(labelValueFormat);
const environmentName = whole(environmentNameFormat);
const configKey = whole(configKeyFormat);
const headerName = whole(headerNameFormat);
const percent = whole(percentFormat);

/** Longest DNS-1123 label and DNS-1035 label, label value, and name part of a qualified name, in bytes. */
const maxLabelLength = 63;
/** Longest DNS-1123 subdomain, in bytes. */
const maxSubdomainLength = 253;

/** Bytes of `text` in UTF-8: what every length limit of the API counts. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    if (code < 0x800) bytes += 1;
    else if (code >= 0xd800 && code < 0xdc00 && i + 1 < text.length) {
      bytes += 2;
      i++;
    } else bytes += 2;
  }
  return bytes;
}

const maxLengthMessage = (length: number): string => `must be no more than ${length} bytes`;
export const inclusiveRangeMessage = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`;
const emptyMessage = "must be non-empty";

/** What is said when a text does not match a format: the rule, examples and the pattern itself. */
export function formatMessage(rule: string, format: string, ...examples: readonly string[]): string {
  if (examples.length === 0) return `${rule} (regex used for validation is '${format}')`;
  const shown = examples.map((example) => `'${example}', `).join(" or ");
  return `${rule} (e.g. ${shown}regex used for validation is '${format}')`;
}

function check(text: string, pattern: RegExp, message: () => string, maxLength?: number): string[] {
  const messages: string[] = [];
  if (maxLength !== undefined && utf8Length(text) > maxLength) messages.push(maxLengthMessage(maxLength));
  if (!pattern.test(text)) messages.push(message());
  return messages;
}

/** RFC 1123 label: namespaces, containers, volumes, generated pod names. */
export const checkDns1123Label = (text: string): string[] =>
  check(
    text,
    dns1123Label,
    () =>
      formatMessage(
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
        dns1123LabelFormat,
        "my-name",
        "123-abc",
      ),
    maxLabelLength,
  );

/** RFC 1123 subdomain: the name of most objects. */
export const checkDns1123Subdomain = (text: string): string[] =>
  check(
    text,
    dns1123Subdomain,
    () =>
      formatMessage(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
        dns1123SubdomainFormat,
        "example.com",
      ),
    maxSubdomainLength,
  );

/** RFC 1035 label: Services' names. */
export const checkDns1035Label = (text: string): string[] =>
  check(
    text,
    dns1035Label,
    () =>
      formatMessage(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        dns1035LabelFormat,
        "my-name",
        "abc-123",
      ),
    maxLabelLength,
  );

const qualifiedNameRule = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const qualifiedNameMessage = (): string => formatMessage(qualifiedNameRule, qualifiedNameFormat, "MyName", "my.name", "123-abc");

/** `name` or `prefix/name`: keys of labels and annotations, resource names, condition types. */
export function checkQualifiedName(text: string): string[] {
  const messages: string[] = [];
  const parts = text.split("/");
  let name = parts[0]!;
  if (parts.length === 2) {
    const prefix = name;
    name = parts[1]!;
    if (prefix === "") messages.push(`prefix part ${emptyMessage}`);
    else messages.push(...checkDns1123Subdomain(prefix).map((message) => `prefix part ${message}`));
  } else if (parts.length > 2) {
    return [`a qualified name ${qualifiedNameMessage()} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  if (name === "") messages.push(`name part ${emptyMessage}`);
  else if (utf8Length(name) > maxLabelLength) messages.push(`name part ${maxLengthMessage(maxLabelLength)}`);
  if (!qualifiedName.test(name)) messages.push(`name part ${qualifiedNameMessage()}`);
  return messages;
}

export const checkLabelValue = (text: string): string[] =>
  check(
    text,
    labelValue,
    () =>
      formatMessage(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        labelValueFormat,
        "MyValue",
        "my_value",
        "12345",
      ),
    maxLabelLength,
  );

/** The strict rule for environment variables that come from a ConfigMap or Secret in older clusters. */
export const checkEnvironmentName = (text: string): string[] => [
  ...check(text, environmentName, () =>
    formatMessage(
      "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
      environmentNameFormat,
      "my.env-name",
      "MY_ENV.NAME",
      "MyEnvName1",
    ),
  ),
  ...checkDirectoryChange(text),
];

/** The rule for environment variables since 1.34 (KEP-4369): any printable ASCII but "=". */
export function checkRelaxedEnvironmentName(text: string): string[] {
  if (text === "") return [`environment variable name ${emptyMessage}`];
  return /^[ -<>-~]*$/.test(text)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** A key of a ConfigMap's or Secret's data, which becomes a file name. */
export const checkConfigMapKey = (text: string): string[] => [
  ...check(
    text,
    configKey,
    () =>
      formatMessage(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        configKeyFormat,
        "key.name",
        "KEY_NAME",
        "key-name",
      ),
    maxSubdomainLength,
  ),
  ...checkDirectoryChange(text),
];

function checkDirectoryChange(text: string): string[] {
  if (text === ".") return ["must not be '.'"];
  if (text === "..") return ["must not be '..'"];
  return text.startsWith("..") ? ["must not start with '..'"] : [];
}

/** A name that only has to survive as one segment of a URL's path: RBAC objects. */
export function checkPathSegment(text: string): string[] {
  if (text === "." || text === "..") return [`may not be '${text}'`];
  return checkPathSegmentPrefix(text);
}

/** generateName of such a name. */
const checkPathSegmentPrefix = (text: string): string[] =>
  ["/", "%"].filter((part) => text.includes(part)).map((part) => `may not contain '${part}'`);

/** IANA service name: names of container ports, and target ports by name. */
export function checkPortName(text: string): string[] {
  const messages: string[] = [];
  if (utf8Length(text) > 15) messages.push(maxLengthMessage(15));
  if (!/^[-a-z0-9]+$/.test(text)) messages.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(text)) messages.push("must contain at least one letter (a-z)");
  if (text.includes("--")) messages.push("must not contain consecutive hyphens");
  if (text.startsWith("-") || text.endsWith("-")) messages.push("must not begin or end with a hyphen");
  return messages;
}

export const checkPortNumber = (port: number): string[] =>
  Number.isInteger(port) && port >= 1 && port <= 65535 ? [] : [inclusiveRangeMessage(1, 65535)];

/** A user or group number of a process. */
export const checkUserId = (id: number): string[] =>
  Number.isInteger(id) && id >= 0 && id <= 2147483647 ? [] : [inclusiveRangeMessage(0, 2147483647)];

export const checkHeaderName = (text: string): string[] =>
  check(text, headerName, () =>
    formatMessage("a valid HTTP header must consist of alphanumeric characters or '-'", headerNameFormat, "X-Header-Name"),
  );

export const checkPercent = (text: string): string[] =>
  check(text, percent, () =>
    formatMessage("a valid percent string must be a numeric string followed by an ending '%'", percentFormat, "1%", "93%"),
  );
