import { useEffect, type ReactNode } from 'react';

interface PageProps {
  readonly name: string;
  /** Answers the question of the page in a sentence and a number. */
  readonly lead: ReactNode;
  readonly tools?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ name, lead, tools, children }: PageProps) {
  useEffect(() => {
    document.title = `${name} · Modicum`;
  }, [name]);
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>{name}</h1>
          <p className="lead">{lead}</p>
        </div>
        {tools && <div className="tools row">{tools}</div>}
      </header>
      {children}
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

export function Section({ title, aside, children }: SectionProps) {
  return (
    <section className="section">
      <header>
        <h2>{title}</h2>
        {aside !== undefined && <div className="row small">{aside}</div>}
      </header>
      {children}
    </section>
  );
}
