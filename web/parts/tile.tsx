import type { ReactNode } from 'react';
import { Link } from './link.tsx';

interface TileProps {
  readonly name: string;
  readonly value: string;
  readonly note?: ReactNode;
  /** The query behind the figure. */
  readonly href?: string;
}

export function Tile({ name, value, note, href }: TileProps) {
  const inner = (
    <>
      <span className="tile-name">{name}</span>
      <span className="tile-value">{value}</span>
      {note !== undefined && <span className="tile-note">{note}</span>}
    </>
  );
  return href === undefined ? (
    <div className="tile">{inner}</div>
  ) : (
    <Link className="tile" href={href}>
      {inner}
    </Link>
  );
}
