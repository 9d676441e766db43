"""Operations, one module per subject."""
