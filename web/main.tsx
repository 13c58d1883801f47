import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { applyTheme, savedTheme } from './state/theme.ts';

applyTheme(savedTheme());
createRoot(document.getElementById('root')!).render(<App />);
