// Names of images: what is valid, which registry a name means, which tag it means without one.

const component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const referencePattern = new RegExp(
  `^(?:(?<domain>(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\\.(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?))*(?::[0-9]+)?|\\[[a-fA-F0-9:]+\\](?::[0-9]+)?)/)?` +
    `(?<path>${component}(?:/${component})*)(?::(?<tag>[\\w][\\w.-]{0,127}))?(?:@(?<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
);
const maxNameLength = 255;

export interface ImageReference {
  /** "docker.io", "localhost:5000" */
  readonly domain: string;
  /** "library/nginx" */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Undefined when the text is no image's name. "nginx" means docker.io/library/nginx. */
export function parseImage(text: string): ImageReference | undefined {
  if (text.length === 0 || text.length > maxNameLength + 200) return undefined;
  const groups = referencePattern.exec(text)?.groups;
  if (!groups) return undefined;
  let domain = groups["domain"];
  let path = groups["path"]!;
  if (domain !== undefined && !/[.:]/.test(domain) && domain !== "localhost" && domain.toLowerCase() === domain) {
    path = `${domain}/${path}`;
    domain = undefined;
  }
  if (domain === undefined || domain === "index.docker.io") domain = "docker.io";
  if (domain === "docker.io" && !path.includes("/")) path = `library/${path}`;
  if (`${domain}/${path}`.length > maxNameLength) return undefined;
  const { tag, digest } = groups;
  return { domain, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** The name with ":latest" when it has neither tag nor digest; undefined when it is no image's name. */
export function withDefaultTag(text: string): string | undefined {
  const reference = parseImage(text);
  if (!reference) return undefined;
  return reference.tag === undefined && reference.digest === undefined ? `${text}:latest` : text;
}
