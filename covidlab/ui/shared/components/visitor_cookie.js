// Keeps what proves that a run is this visitor's own. Without an end in time, so it goes with the browser.

export default function ({ data }) {
  const kept = `${data.name}=${data.value}`;
  if (!document.cookie.split("; ").includes(kept)) document.cookie = `${kept}; path=/; SameSite=Strict`;
}
