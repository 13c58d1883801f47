/** `system`: as the machine is set. */
export type Theme = 'system' | 'light' | 'dark';

const key = 'modicum-theme';

export function savedTheme(): Theme {
  const saved = localStorage.getItem(key);
  return saved === 'light' || saved === 'dark' ? saved : 'system';
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  localStorage.setItem(key, theme);
}

export const nextTheme: { readonly [T in Theme]: Theme } = { system: 'light', light: 'dark', dark: 'system' };
export const themeNames: { readonly [T in Theme]: string } = { system: 'As the system', light: 'Light', dark: 'Dark' };
