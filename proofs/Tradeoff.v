(** * Tradeoff.v : robust storage costs gradient

    First for any increasing concave map, then for the latch neuron. *)

From Coq Require Import Reals Lra Lia.
From Coquelicot Require Import Coquelicot.
From Book Require Import Latch.
Open Scope R_scope.

(** ** The gradient is the product of slopes *)

(** The product of the slopes along the way is the derivative of a_t in a_0. *)
Theorem derive_state f f' h a0 :
  (forall t, is_derive f (state f h a0 t) (f' (state f h a0 t))) ->
  forall t, is_derive (fun x => state f h x t) a0 (gradient f f' h a0 t).
Proof.
  intros Hd t. induction t as [| t IH]; simpl.
  - apply @is_derive_id.
  - replace (f' (state f h a0 t) * gradient f f' h a0 t)
      with (plus (scal (gradient f f' h a0 t) (f' (state f h a0 t))) zero)
      by (unfold plus, scal, zero; simpl; unfold mult; simpl; ring).
    apply (is_derive_plus (fun x => f (state f h x t)) (fun _ => h (S t))).
    + apply (is_derive_comp f (fun x => state f h x t)); [apply Hd | exact IH].
    + apply @is_derive_const.
Qed.

(** ** What an edge bears *)

(** The noise of size b never carries a state at p or above across p. *)
Definition bears (f : R -> R) (p b : R) : Prop :=
  forall h a0, (forall t, Rabs (h t) <= b) -> p <= a0 -> forall t, p <= state f h a0 t.

(** The margin of the edge p *)
Definition margin (f : R -> R) (p : R) : R := f p - p.

(** The edge p of an increasing map bears noise up to b if and only if b is at most f(p) - p. *)
Theorem bears_iff f p b : (forall x y, p <= x <= y -> f x <= f y) -> 0 <= b ->
  (bears f p b <-> b <= margin f p).
Proof.
  intros Hf Hb. unfold margin. split.
  - intros H. specialize (H (fun _ => - b) p). simpl in H.
    specialize (H ltac:(intros; rewrite Rabs_Ropp, Rabs_pos_eq; lra) ltac:(lra) 1%nat).
    simpl in H. lra.
  - intros Hm h a0 Hh H0 t. induction t as [| t IH]; simpl; [exact H0 |].
    specialize (Hf p (state f h a0 t) ltac:(lra)). specialize (Hh (S t)).
    apply Rabs_le_between in Hh. lra.
Qed.

(** Whatever the map, an interval from p to q that holds its states against noise up to b has a
    place with a slope of size at most 1 - 2b / (q - p). *)
Theorem somewhere_contracts f f' p q b : p < q -> 0 <= b ->
  (forall x, p <= x <= q -> is_derive f x (f' x)) ->
  (forall x h, p <= x <= q -> Rabs h <= b -> p <= f x + h <= q) ->
  exists x, p < x < q /\ Rabs (f' x) <= 1 - 2 * b / (q - p).
Proof.
  intros Hpq Hb Hd Hinv. destruct (mean_value f f' p q Hpq Hd) as (x & Hx & E).
  exists x. split; [exact Hx |].
  assert (In : forall y, p <= y <= q -> p + b <= f y <= q - b).
  { intros y Hy. split.
    - pose proof (Hinv y (- b) Hy ltac:(rewrite Rabs_Ropp, Rabs_pos_eq; lra)). lra.
    - pose proof (Hinv y b Hy ltac:(rewrite Rabs_pos_eq; lra)). lra. }
  pose proof (In p ltac:(lra)). pose proof (In q ltac:(lra)).
  apply Rmult_le_reg_r with (q - p); [lra |].
  replace ((1 - 2 * b / (q - p)) * (q - p)) with (q - p - 2 * b) by (field; lra).
  rewrite <- (Rabs_pos_eq (q - p)) at 1 by lra. rewrite <- Rabs_mult, <- E.
  apply Rabs_le. lra.
Qed.

(** ** The price of robustness, for any increasing map with flattening chords *)

(** A concave curve is flatter at the end of a chord than the chord is ... *)
Lemma concave_chord (f f' : R -> R) p : (forall x, p <= x -> is_derive f x (f' x)) ->
  (forall x y, p <= x <= y -> f' y <= f' x) ->
  forall x, p < x -> f' x * (x - p) <= f x - f p.
Proof.
  intros Hd Hconc x Hx. destruct (mean_value f f' p x Hx) as (c & Hc & E).
  - intros z Hz. apply Hd. lra.
  - rewrite E. apply Rmult_le_compat_r; [lra | apply Hconc; lra].
Qed.

(** ... and steeper at its start. *)
Lemma concave_chord_start (f f' : R -> R) p : (forall x, p <= x -> is_derive f x (f' x)) ->
  (forall x y, p <= x <= y -> f' y <= f' x) ->
  forall x, p < x -> f x - f p <= f' p * (x - p).
Proof.
  intros Hd Hconc x Hx. destruct (mean_value f f' p x Hx) as (c & Hc & E).
  - intros z Hz. apply Hd. lra.
  - rewrite E. apply Rmult_le_compat_r; [lra | apply Hconc; lra].
Qed.

Section Price.
Variables (f f' : R -> R) (p : R).
Hypothesis Hd : forall x, p <= x -> is_derive f x (f' x).
Hypothesis Hpos : forall x, p <= x -> 0 < f' x.                         (* increasing *)
Hypothesis Hchord : forall x, p < x -> f' x * (x - p) <= f x - f p.     (* concave is enough *)

Lemma f_incr x y : p <= x <= y -> f x <= f y.
Proof.
  intros [Hx [Hxy | ->]]; [| lra]. left.
  apply (rises f f'); [exact Hxy | |]; intros z Hz; [apply Hd | apply Hpos]; lra.
Qed.

Lemma stays_above h a0 : (forall t, - margin f p <= h t) -> p < a0 ->
  forall t, p < state f h a0 t.
Proof.
  intros Hh H0 t. induction t as [| t IH]; simpl; [exact H0 |].
  specialize (Hh (S t)). unfold margin in Hh.
  assert (f p < f (state f h a0 t)); [| lra].
  apply (rises f f'); [exact IH | |]; intros z Hz; [apply Hd | apply Hpos]; lra.
Qed.

(** What each step costs: the margin that the input leaves unused, as a share of the distance
    from the edge. *)
Fixpoint toll (h : nat -> R) (a0 : R) (t : nat) : R :=
  match t with
  | O => 1
  | S s => (1 - (margin f p + h t) / (state f h a0 t - p)) * toll h a0 s
  end.

Lemma gradient_pos h a0 : (forall t, p < state f h a0 t) ->
  forall t, 0 < gradient f f' h a0 t.
Proof.
  intros Hs t. induction t as [| t IH]; simpl; [lra |].
  apply Rmult_lt_0_compat; [apply Hpos; left; apply Hs | exact IH].
Qed.

Lemma toll_factor h a0 t : p < state f h a0 (S t) ->
  (state f h a0 (S t) - p) * (1 - (margin f p + h (S t)) / (state f h a0 (S t) - p))
  = f (state f h a0 t) - f p.
Proof. intros H. unfold margin. simpl in *. field. lra. Qed.

(** The gradient over t steps is at most the ratio of the distances from the edge, times what each
    step costs: the margin that its input leaves unused, as a share of the distance. *)
Theorem price_of_robustness h a0 : (forall t, - margin f p <= h t) -> p < a0 ->
  forall t, gradient f f' h a0 t * (a0 - p) <= (state f h a0 t - p) * toll h a0 t.
Proof.
  intros Hh H0. pose proof (stays_above h a0 Hh H0) as Hs.
  intros t. induction t as [| t IH]; [simpl; lra |].
  change (gradient f f' h a0 (S t)) with (f' (state f h a0 t) * gradient f f' h a0 t).
  change (toll h a0 (S t))
    with ((1 - (margin f p + h (S t)) / (state f h a0 (S t) - p)) * toll h a0 t).
  rewrite <- Rmult_assoc, (toll_factor h a0 t (Hs (S t))).
  pose proof (Hchord _ (Hs t)) as C. pose proof (Hpos _ (Rlt_le _ _ (Hs t))) as P.
  pose proof (gradient_pos h a0 Hs t) as G. specialize (Hs t).
  assert (T : 0 < toll h a0 t) by nra.
  apply Rle_trans with (f' (state f h a0 t) * ((state f h a0 t - p) * toll h a0 t)); nra.
Qed.

(** Under inputs of at least -b, with states no further than r from the edge, the gradient falls
    at least like the powers of 1 - (margin - b) / r. *)
Corollary price_uniform h a0 b r : 0 < r -> (forall t, - b <= h t) -> b <= margin f p ->
  p < a0 -> (forall t, state f h a0 t <= p + r) ->
  forall t, gradient f f' h a0 t <= r / (a0 - p) * (1 - (margin f p - b) / r) ^ t.
Proof.
  intros Hr Hh Hb H0 Hs t.
  assert (Hm : forall t, - margin f p <= h t) by (intros s; specialize (Hh s); lra).
  pose proof (stays_above h a0 Hm H0) as Above.
  assert (T : 0 <= toll h a0 t <= (1 - (margin f p - b) / r) ^ t).
  { induction t as [| t IH]; [simpl; lra |].
    change (toll h a0 (S t))
      with ((1 - (margin f p + h (S t)) / (state f h a0 (S t) - p)) * toll h a0 t).
    specialize (Above (S t)) as A. specialize (Hs (S t)) as B. specialize (Hh (S t)) as C.
    assert (F : 0 <= 1 - (margin f p + h (S t)) / (state f h a0 (S t) - p)).
    { apply Rmult_le_reg_l with (state f h a0 (S t) - p); [lra |].
      rewrite (toll_factor h a0 t A), Rmult_0_r.
      pose proof (f_incr p (state f h a0 t) ltac:(specialize (Above t); lra)). lra. }
    assert (G : (margin f p - b) / r <= (margin f p + h (S t)) / (state f h a0 (S t) - p)).
    { unfold Rdiv. apply Rmult_le_compat; [lra | left; apply Rinv_0_lt_compat; lra | lra |].
      apply Rinv_le_contravar; lra. }
    simpl pow. split; [apply Rmult_le_pos; lra | apply Rmult_le_compat; lra]. }
  pose proof (price_of_robustness h a0 Hm H0 t) as P.
  apply Rmult_le_reg_r with (a0 - p); [lra |]. apply Rle_trans with (1 := P).
  replace (r / (a0 - p) * (1 - (margin f p - b) / r) ^ t * (a0 - p))
    with (r * (1 - (margin f p - b) / r) ^ t) by (field; lra).
  specialize (Above t). specialize (Hs t). apply Rmult_le_compat; lra.
Qed.

(** An attractor a whose edge p bears noise up to b has a slope of at most 1 - b / (a - p). *)
Theorem price_at_rest a b : p < a -> f a = a -> 0 <= b -> bears f p b ->
  f' a <= 1 - b / (a - p).
Proof.
  intros Ha E Hb Hbears.
  apply (bears_iff f p b (fun x y => f_incr x y) Hb) in Hbears. unfold margin in Hbears.
  pose proof (Hchord a Ha) as C. apply Rmult_le_reg_r with (a - p); [lra |].
  apply Rle_trans with (1 := C). rewrite E.
  replace ((1 - b / (a - p)) * (a - p)) with (a - p - b) by (field; lra). lra.
Qed.

End Price.

(** For a concave map the margin lies between two rectangles over [p, a]: one of height 1 - slope
    at the edge, and one of height 1 - slope at the attractor. *)
Theorem two_rectangles f f' p a : (forall x, p <= x -> is_derive f x (f' x)) ->
  (forall x y, p <= x <= y -> f' y <= f' x) -> p < a -> f a = a ->
  (1 - f' p) * (a - p) <= margin f p <= (1 - f' a) * (a - p).
Proof.
  intros Hd Hconc Ha E. unfold margin.
  pose proof (concave_chord f f' p Hd Hconc a Ha).
  pose proof (concave_chord_start f f' p Hd Hconc a Ha). lra.
Qed.

(** A straight line pays the price exactly, so that no smaller bound of this form holds. *)
Theorem price_is_sharp p m k h a0 : let f x := p + m + k * (x - p) in
  0 < k -> (forall t, - m <= h t) -> p < a0 ->
  forall t, gradient f (fun _ => k) h a0 t * (a0 - p) = (state f h a0 t - p) * toll f p h a0 t.
Proof.
  intros f Hk Hh H0 t.
  assert (Em : margin f p = m) by (unfold margin, f; ring).
  assert (Hs : forall t, p < state f h a0 t).
  { intros s. induction s as [| s IH]; [exact H0 |]. simpl. unfold f at 1.
    specialize (Hh (S s)). nra. }
  induction t as [| t IH]; [simpl; ring |].
  change (gradient f (fun _ => k) h a0 (S t)) with (k * gradient f (fun _ => k) h a0 t).
  change (toll f p h a0 (S t))
    with ((1 - (margin f p + h (S t)) / (state f h a0 (S t) - p)) * toll f p h a0 t).
  assert (F : forall x, f x - f p = k * (x - p)) by (intros; unfold f; ring).
  rewrite <- (Rmult_assoc (state f h a0 (S t) - p)), (toll_factor f p h a0 t (Hs (S t))), F.
  rewrite !Rmult_assoc. f_equal. exact IH.
Qed.

(** ** Memory times margin *)

Definition half_life (x : R) : R := ln 2 / - ln x.      (* steps in which x^t halves *)

Lemma ln_2_pos : 0 < ln 2.
Proof. rewrite <- ln_1. apply ln_increasing; lra. Qed.

Lemma ln_neg x : 0 < x < 1 -> ln x < 0.
Proof. intros. rewrite <- ln_1. apply ln_increasing; lra. Qed.

(** x to the power half_life x is 1/2, for x between 0 and 1. *)
Theorem half_life_halves x : 0 < x < 1 -> Rpower x (half_life x) = / 2.
Proof.
  intros Hx. unfold Rpower, half_life. pose proof (ln_neg x Hx).
  replace (ln 2 / - ln x * ln x) with (- ln 2) by (field; lra).
  rewrite exp_Ropp, exp_ln; lra.
Qed.

Lemma half_life_incr x y : 0 < x -> x < y < 1 -> half_life x < half_life y.
Proof.
  intros Hx Hy. unfold half_life, Rdiv. apply Rmult_lt_compat_l; [apply ln_2_pos |].
  pose proof (ln_neg x ltac:(lra)). pose proof (ln_neg y ltac:(lra)).
  pose proof (ln_increasing x y Hx ltac:(lra)).
  apply Rinv_lt_contravar; nra.
Qed.

(** The half-life of the gradient, times the noise that the edge bears, is at most ln 2 times the
    distance of the attractor from the edge. *)
Theorem memory_times_margin f f' p a b :
  (forall x, p <= x -> is_derive f x (f' x)) -> (forall x, p <= x -> 0 < f' x) ->
  (forall x, p < x -> f' x * (x - p) <= f x - f p) ->
  p < a -> f a = a -> 0 < b -> bears f p b ->
  half_life (f' a) * b <= ln 2 * (a - p).
Proof.
  intros Hd Hpos Hchord Ha E Hb Hbears.
  pose proof (price_at_rest f f' p Hd Hpos Hchord a b Ha E ltac:(lra) Hbears) as P.
  assert (Q : 0 < b / (a - p)) by (apply Rdiv_lt_0_compat; lra).
  specialize (Hpos a ltac:(lra)).
  assert (L : b / (a - p) <= - ln (f' a)).
  { pose proof (exp_ineq1_le (ln (f' a))) as X. rewrite exp_ln in X by lra. lra. }
  unfold half_life. pose proof ln_2_pos.
  apply Rmult_le_reg_r with (- ln (f' a)); [lra |].
  replace (ln 2 / - ln (f' a) * b * - ln (f' a)) with (ln 2 * b) by (field; lra).
  rewrite Rmult_assoc. apply Rmult_le_compat_l; [lra |].
  replace b with ((a - p) * (b / (a - p))) at 1 by (field; lra).
  apply Rmult_le_compat_l; lra.
Qed.

(** ** The latch neuron *)

Lemma latch_derive w p : forall x, p <= x -> is_derive (M w) x (slope w x).
Proof. intros x _. apply derive_M. Qed.

Lemma latch_pos w p : 1 < w -> forall x, p <= x -> 0 < slope w x.
Proof. intros Hw x _. apply slope_pos. lra. Qed.

Lemma latch_concave w p : 1 < w -> 0 <= p ->
  forall x y, p <= x <= y -> slope w y <= slope w x.
Proof.
  intros Hw Hp x y [Hx [Hxy | ->]]; [| lra]. left. apply slope_decr; lra.
Qed.

Lemma latch_chord w p : 1 < w -> 0 <= p ->
  forall x, p < x -> slope w x * (x - p) <= M w x - M w p.
Proof.
  intros Hw Hp. apply concave_chord; [apply latch_derive | apply latch_concave; assumption].
Qed.

Lemma latch_margin w : 1 < w -> margin (M w) (a_star w) = h_star w.
Proof. intros. unfold margin. rewrite h_star_touch by assumption. ring. Qed.

(** At the attractor of the latch the slope is at most 1 - h_star / (a - a_star). *)
Theorem latch_price w a : 1 < w -> upper w a ->
  slope w a <= 1 - h_star w / (a - a_star w) /\
  h_star w <= (a - a_star w) * (1 - slope w a).
Proof.
  intros Hw Ha. pose proof (upper_beyond w a Hw Ha) as B. pose proof (a_star_pos w Hw).
  pose proof (two_rectangles (M w) (slope w) (a_star w) a (latch_derive w _)
    (latch_concave w (a_star w) Hw ltac:(lra)) B (proj2 Ha)) as [_ R2].
  rewrite latch_margin in R2 by exact Hw. split; [| lra].
  apply Rmult_le_reg_r with (a - a_star w); [lra |].
  replace ((1 - h_star w / (a - a_star w)) * (a - a_star w))
    with (a - a_star w - h_star w) by (field; lra). lra.
Qed.

(** Over t steps at rest the gradient of the latch is at most the t-th power of 1 - h_star / (a -
    a_star). *)
Corollary latch_price_power w a t : 1 < w -> upper w a ->
  slope w a ^ t <= (1 - h_star w / (a - a_star w)) ^ t.
Proof.
  intros Hw Ha. apply pow_incr. split; [left; apply slope_pos; lra | apply latch_price; assumption].
Qed.

(** For the latch, half-life times margin is at most ln 2 times the room a - a_star. *)
Theorem latch_memory_times_margin w a : 1 < w -> upper w a ->
  half_life (slope w a) * h_star w <= ln 2 * (a - a_star w).
Proof.
  intros Hw Ha. pose proof (a_star_pos w Hw). pose proof (h_star_pos w Hw).
  apply (memory_times_margin (M w) (slope w)); try assumption.
  - apply latch_derive.
  - apply latch_pos, Hw.
  - apply latch_chord; lra.
  - apply upper_beyond; assumption.
  - apply Ha.
  - apply (bears_iff (M w)); [intros; apply M_incr; lra | lra |].
    rewrite latch_margin by exact Hw. lra.
Qed.

(** For the tube that reaches d below the attractor, half-life times the noise that its edge bears
    is at most ln 2 times d. *)
Theorem tube_memory_times_margin w a d : 1 < w -> upper w a -> 0 < d <= a ->
  half_life (slope w a) * (d - a + w * tanh (a - d)) <= ln 2 * d.
Proof.
  intros Hw Ha Hd. set (m := d - a + w * tanh (a - d)).
  assert (Em : m = margin (M w) (a - d)) by (unfold m, margin, M; ring).
  pose proof (slope_at_attractor w a Hw Ha) as S. pose proof ln_2_pos as L.
  assert (H0 : 0 < half_life (slope w a)).
  { apply Rdiv_lt_0_compat; [exact L |]. pose proof (ln_neg _ S). lra. }
  destruct (Rle_lt_dec m 0) as [Hm | Hm].
  { apply Rle_trans with (half_life (slope w a) * 0); [apply Rmult_le_compat_l; lra |].
    rewrite Rmult_0_r. apply Rmult_le_pos; lra. }
  replace (ln 2 * d) with (ln 2 * (a - (a - d))) by ring.
  apply (memory_times_margin (M w) (slope w)); try assumption.
  - apply latch_derive.
  - apply latch_pos, Hw.
  - apply latch_chord; lra.
  - lra.
  - apply Ha.
  - apply (bears_iff (M w)); [intros; apply M_incr; lra | lra |]. rewrite Em. lra.
Qed.

(** Under noise up to b the gradient falls at least like the powers of 1 - (h_star - b) / r, where
    r = w + b - a_star. *)
Theorem latch_price_under_noise w h a0 b : let r := w + b - a_star w in
  1 < w -> 0 <= b <= h_star w -> (forall t, Rabs (h t) <= b) -> a_star w < a0 <= w + b ->
  forall t, gradient (M w) (slope w) h a0 t
            <= r / (a0 - a_star w) * (1 - (h_star w - b) / r) ^ t.
Proof.
  intros r Hw Hb Hh H0. pose proof (a_star_pos w Hw).
  assert (Hh' : forall t, - b <= h t <= b)
    by (intros t; specialize (Hh t); apply Rabs_le_between in Hh; lra).
  rewrite <- (latch_margin w Hw). apply price_uniform.
  - apply latch_derive.
  - apply latch_pos, Hw.
  - apply latch_chord; lra.
  - unfold r. lra.
  - apply Hh'.
  - rewrite latch_margin by exact Hw. lra.
  - lra.
  - intros t. unfold r. destruct t as [| t]; simpl; [lra |]. specialize (Hh' (S t)).
    pose proof (tanh_bounds (state (M w) h a0 t)). unfold M at 1. nra.
Qed.

(** ** More weight: more margin, less memory *)

Lemma attractor_incr v w a b : 1 < v < w -> upper v a -> upper w b -> a < b.
Proof.
  intros Hvw Ha Hb. apply Rnot_le_lt. intros Hle.
  pose proof (upper_beyond w b ltac:(lra) Hb) as B.
  assert (G : gap w a < 0).
  { destruct Ha as [Pa Ea]. unfold gap, M in *. pose proof (tanh_pos a Pa). nra. }
  assert (G0 : gap w b = 0) by (destruct Hb as [_ Eb]; unfold gap; lra).
  destruct Hle as [L | ->]; [| lra].
  pose proof (gap_rises w b a ltac:(lra) ltac:(lra)). lra.
Qed.

Lemma sinh_over_x_incr x y : 0 < x < y -> sinh x / x < sinh y / y.
Proof.
  intros Hxy.
  apply (rises (fun z => sinh z / z) (fun z => (cosh z * z - sinh z) / z ^ 2)); [lra | |].
  - intros z Hz. auto_derive; [lra | field; lra].
  - intros z Hz. apply Rdiv_lt_0_compat; [| apply pow_lt; lra].
    pose proof (tanh_lt_id z ltac:(lra)). pose proof (cosh_pos z).
    replace (sinh z) with (tanh z * cosh z) by (unfold tanh; field; lra). nra.
Qed.

(** 2a / sinh 2a falls strictly. *)
Lemma closed_slope_decr a b : 0 < a < b -> 2 * b / sinh (2 * b) < 2 * a / sinh (2 * a).
Proof.
  intros Hab. pose proof (sinh_over_x_incr (2 * a) (2 * b) ltac:(lra)) as S.
  assert (P : forall x, 0 < x -> 0 < sinh x).
  { intros x Hx. rewrite <- sinh_0. apply (rises sinh cosh); [exact Hx | |].
    - intros z _. apply is_derive_Reals, derivable_pt_lim_sinh.
    - intros z _. apply cosh_pos. }
  pose proof (P (2 * a) ltac:(lra)). pose proof (P (2 * b) ltac:(lra)).
  replace (2 * b / sinh (2 * b)) with (/ (sinh (2 * b) / (2 * b))) by (field; lra).
  replace (2 * a / sinh (2 * a)) with (/ (sinh (2 * a) / (2 * a))) by (field; lra).
  apply Rinv_lt_contravar; [| exact S].
  apply Rmult_lt_0_compat; apply Rdiv_lt_0_compat; lra.
Qed.

(** The larger the weight, the smaller the slope at the attractor. *)
Theorem slope_falls_with_w v w a b : 1 < v < w -> upper v a -> upper w b ->
  slope w b < slope v a.
Proof.
  intros Hvw Ha Hb.
  rewrite (slope_at_attractor_closed v a), (slope_at_attractor_closed w b) by (assumption || lra).
  apply closed_slope_decr. split; [apply Ha |]. apply (attractor_incr v w); assumption.
Qed.

(** A larger weight has a larger margin and a shorter half-life of the gradient. *)
Theorem trade_off v w a b : 1 < v < w -> upper v a -> upper w b ->
  h_star v < h_star w /\ half_life (slope w b) < half_life (slope v a).
Proof.
  intros Hvw Ha Hb. split; [apply h_star_incr, Hvw |].
  apply half_life_incr; [apply slope_pos; lra |].
  split; [apply (slope_falls_with_w v w); assumption |].
  apply slope_at_attractor; [lra | exact Ha].
Qed.

(** ** The gradient of a latched neuron vanishes *)

(** Beyond an edge c that bears the inputs all slopes are at most the one at c. *)
Lemma slopes_stay_below w h a0 b c :
  1 < w -> a_star w < c <= a0 -> gap w c <= - b -> (forall t, - b <= h t) ->
  forall t, slope w (state (M w) h a0 t) <= slope w c /\
    0 < gradient (M w) (slope w) h a0 t <= slope w c ^ t.
Proof.
  intros Hw Hc Gc Hh. pose proof (a_star_pos w Hw) as Hs.
  assert (K : 0 < slope w c < 1) by (split; [apply slope_pos; lra | apply slope_lt_1; lra]).
  assert (Above : forall t, c <= state (M w) h a0 t).
  { intros t. induction t as [| t IH]; simpl; [lra |].
    pose proof (M_incr w _ _ ltac:(lra) IH). specialize (Hh (S t)). unfold gap in Gc. lra. }
  assert (Sl : forall t, 0 < slope w (state (M w) h a0 t) <= slope w c).
  { intros t. split; [apply slope_pos; lra |].
    apply (latch_concave w 0 Hw ltac:(lra)). specialize (Above t). lra. }
  intros t. split; [apply Sl |].
  induction t as [| t IH]; simpl; [lra |]. specialize (Sl t).
  split; [apply Rmult_lt_0_compat; lra | apply Rmult_le_compat; lra].
Qed.

(** From beyond a_star, under inputs of at least -b with b < h_star, one number k < 1 bounds all
    slopes, and the gradient falls at least like its powers. *)
Theorem gradient_vanishes_exponentially w h a0 b :
  1 < w -> a_star w < a0 -> b < h_star w -> (forall t, - b <= h t) ->
  exists k, 0 < k < 1 /\ forall t,
    slope w (state (M w) h a0 t) <= k /\
    0 < gradient (M w) (slope w) h a0 t <= k ^ t.
Proof.
  intros Hw H0 Hb Hh. pose proof (a_star_pos w Hw) as Hs.
  assert (C : exists c, a_star w < c <= a0 /\ gap w c <= - b).
  { destruct (Rle_lt_dec (gap w a0) (- b)) as [L | L].
    - exists a0. lra.
    - destruct (IVT (fun x => gap w x + b) (a_star w) a0) as (c & Hc & E).
      + intros x. apply continuity_pt_plus; [apply continuity_gap | apply continuity_const].
        intros ? ?. reflexivity.
      + exact H0.
      + rewrite gap_a_star by exact Hw. lra.
      + lra.
      + exists c. simpl in E. split; [| lra]. split; [| apply Hc].
        destruct Hc as [[Hc | Hc] _]; [exact Hc |]. subst c.
        rewrite gap_a_star in E by exact Hw. lra. }
  destruct C as (c & Hc & Gc). exists (slope w c).
  split; [split; [apply slope_pos; lra | apply slope_lt_1; lra] |].
  apply (slopes_stay_below w h a0 b c); assumption.
Qed.

(** From beyond a_star, under inputs of at least -b, no slope exceeds the one at a_0 or at a_b,
    the attractor under the constant input -b, whichever of the two is nearer to 0; and that one
    is below 1. *)
Theorem slopes_by_the_attractor_under_input w h a0 b ab :
  1 < w -> a_star w < a0 -> a_star w < ab -> M w ab - b = ab -> (forall t, - b <= h t) ->
  forall t, slope w (state (M w) h a0 t) <= slope w (Rmin a0 ab) < 1 /\
    0 < gradient (M w) (slope w) h a0 t <= slope w (Rmin a0 ab) ^ t.
Proof.
  intros Hw H0 Hab E Hh.
  assert (Hc : a_star w < Rmin a0 ab) by (apply Rmin_glb_lt; assumption).
  assert (G : gap w ab = - b) by (unfold gap; lra).
  assert (Gc : gap w (Rmin a0 ab) <= - b).
  { destruct (Rmin_r a0 ab) as [L | ->]; [| lra].
    pose proof (gap_rises w (Rmin a0 ab) ab Hw ltac:(lra)). lra. }
  intros t. destruct (slopes_stay_below w h a0 b (Rmin a0 ab) Hw
    (conj Hc (Rmin_l a0 ab)) Gc Hh t) as [S G2].
  split; [split; [exact S | apply slope_lt_1; assumption] | exact G2].
Qed.

(** From beyond a_star, under inputs of at least -b with b < h_star, the gradient tends to 0. *)
Corollary gradient_vanishes w h a0 b :
  1 < w -> a_star w < a0 -> b < h_star w -> (forall t, - b <= h t) ->
  is_lim_seq (gradient (M w) (slope w) h a0) 0.
Proof.
  intros Hw H0 Hb Hh.
  destruct (gradient_vanishes_exponentially w h a0 b Hw H0 Hb Hh) as (k & Hk & G).
  apply (is_lim_seq_le_le (fun _ => 0) _ (fun t => k ^ t)).
  - intros t. destruct (G t). lra.
  - apply is_lim_seq_const.
  - apply is_lim_seq_geom. rewrite Rabs_pos_eq; lra.
Qed.

(** The mirror image: a start below -a_star, and inputs that push up by at most b. *)
Lemma gradient_mirror w h a0 t :
  gradient (M w) (slope w) (fun s => - h s) (- a0) t = gradient (M w) (slope w) h a0 t.
Proof.
  induction t as [| t IH]; [reflexivity |].
  cbn [gradient]. rewrite IH, state_mirror, slope_even. reflexivity.
Qed.

(** The mirror image: from below -a_star, under inputs of at most b < h_star, the gradient tends
    to 0. *)
Corollary gradient_vanishes_below w h a0 b :
  1 < w -> a0 < - a_star w -> b < h_star w -> (forall t, h t <= b) ->
  is_lim_seq (gradient (M w) (slope w) h a0) 0.
Proof.
  intros Hw H0 Hb Hh.
  apply (is_lim_seq_ext (gradient (M w) (slope w) (fun s => - h s) (- a0))).
  - intros t. apply gradient_mirror.
  - apply (gradient_vanishes w _ _ b); [exact Hw | lra | exact Hb |].
    intros t. specialize (Hh t). lra.
Qed.

(** Under the constant input - h_star the state falls to a_star, the only place of rest. *)
Lemma falls_to_edge w a0 : 1 < w -> a_star w < a0 ->
  let c := state (M w) (fun _ => - h_star w) a0 in
  (forall t, a_star w < c t) /\ is_lim_seq c (a_star w).
Proof.
  intros Hw H0 c. pose proof (a_star_pos w Hw) as Hs.
  assert (Cpos : forall t, a_star w < c t).
  { apply (stays_above (M w) (slope w)); [apply latch_derive | apply latch_pos, Hw | | exact H0].
    intros t. rewrite latch_margin by exact Hw. lra. }
  split; [exact Cpos |].
  destruct (ex_finite_lim_seq_decr c (a_star w)) as (l & Hl).
  - intros t. pose proof (gap_min w (c t) Hw ltac:(specialize (Cpos t); lra)) as Gm.
    unfold gap in Gm. unfold c in *. simpl. lra.
  - intros t. left. apply Cpos.
  - pose proof (limit_at_rest w _ a0 l Hl) as U.
    assert (Ge : a_star w <= l).
    { apply (is_lim_seq_le (fun _ => a_star w) c (a_star w) l);
        [intros t; left; apply Cpos | apply is_lim_seq_const | exact Hl]. }
    destruct Ge as [Gt | ->]; [| exact Hl]. exfalso.
    pose proof (gap_rises w (a_star w) l Hw ltac:(lra)) as Q.
    rewrite gap_a_star in Q by exact Hw. unfold gap in Q. lra.
Qed.

(** Under the constant input -h_star the slopes exceed every k < 1, so that no single k bounds
    them. *)
Theorem no_single_rate w a0 k : 1 < w -> a_star w < a0 -> k < 1 ->
  exists t, k < slope w (state (M w) (fun _ => - h_star w) a0 t).
Proof.
  intros Hw H0 Hk. destruct (falls_to_edge w a0 Hw H0) as [Cpos Clim].
  set (c := state (M w) (fun _ => - h_star w) a0) in *.
  assert (D : ex_derive (slope w) (a_star w)).
  { unfold slope. pose proof (derive_tanh (a_star w)) as D.
    apply (ex_derive_scal (fun y => 1 - tanh y ^ 2)).
    apply (ex_derive_minus (fun _ => 1) (fun y => tanh y ^ 2)); [apply ex_derive_const |].
    apply (ex_derive_pow tanh 2). eexists. exact D. }
  pose proof (is_lim_seq_continuous (slope w) c (a_star w)
    (proj2 (continuity_pt_filterlim _ _) (ex_derive_continuous _ _ D)) Clim) as S.
  rewrite slope_a_star in S by exact Hw.
  apply is_lim_seq_spec in S. destruct (S (mkposreal (1 - k) ltac:(lra))) as (t & Ht).
  exists t. specialize (Ht t (Nat.le_refl t)). simpl in Ht. apply Rabs_def2 in Ht. lra.
Qed.

(** Under inputs of at least -h_star, which is the margin itself, the gradient still tends to 0.
    *)
Theorem gradient_vanishes_at_margin w h a0 :
  1 < w -> a_star w < a0 -> (forall t, - h_star w <= h t) ->
  is_lim_seq (gradient (M w) (slope w) h a0) 0.
Proof.
  intros Hw H0 Hh. pose proof (a_star_pos w Hw) as Hs.
  set (g := fun _ : nat => - h_star w). set (c := state (M w) g a0).
  destruct (falls_to_edge w a0 Hw H0) as [Cpos Clim]. fold g in Cpos, Clim. fold c in Cpos, Clim.
  assert (Hm : forall t, - margin (M w) (a_star w) <= g t)
    by (intros t; rewrite latch_margin by exact Hw; unfold g; lra).
  (* the state under the constant input - h_star is below all others ... *)
  assert (Below : forall t, c t <= state (M w) h a0 t).
  { intros t. induction t as [| t IH]; [unfold c; simpl; lra |].
    unfold c in *. simpl. pose proof (M_incr w _ _ ltac:(lra) IH).
    specialize (Hh (S t)). change (g (S t)) with (- h_star w). lra. }
  (* ... so its gradient is above all others, and bounded by a chord *)
  assert (G : forall t, 0 < gradient (M w) (slope w) h a0 t
                        <= (c t - a_star w) / (a0 - a_star w)).
  { intros t. apply and_comm. split.
    - apply Rle_trans with (gradient (M w) (slope w) g a0 t).
      + induction t as [| t IH]; [simpl; lra |]. cbn [gradient].
        apply Rmult_le_compat; [left; apply slope_pos; lra | | | exact IH].
        * clear - Hw. induction t as [| t IH]; simpl; [lra |].
          apply Rmult_le_pos; [left; apply slope_pos; lra | exact IH].
        * apply (latch_concave w 0 Hw ltac:(lra)).
          specialize (Below t). specialize (Cpos t). unfold c in *. lra.
      + apply Rmult_le_reg_r with (a0 - a_star w); [lra |].
        pose proof (price_of_robustness (M w) (slope w) (a_star w) (latch_derive w _)
          (latch_pos w _ Hw) (latch_chord w (a_star w) Hw ltac:(lra)) g a0 Hm H0 t) as P.
        assert (T : toll (M w) (a_star w) g a0 t = 1).
        { clear P. induction t as [| t IH]; [reflexivity |]. cbn [toll].
          rewrite IH, latch_margin by exact Hw. specialize (Cpos (S t)). unfold c in Cpos.
          change (g (S t)) with (- h_star w). field. lra. }
        rewrite T in P. fold c in P.
        replace ((c t - a_star w) / (a0 - a_star w) * (a0 - a_star w))
          with (c t - a_star w) by (field; lra). lra.
    - induction t as [| t IH]; simpl; [lra |].
      apply Rmult_lt_0_compat; [apply slope_pos; lra | exact IH]. }
  apply (is_lim_seq_le_le (fun _ => 0) _ (fun t => (c t - a_star w) / (a0 - a_star w))).
  - intros t. destruct (G t). lra.
  - apply is_lim_seq_const.
  - replace (Finite 0) with (Rbar_mult (a_star w - a_star w) (/ (a0 - a_star w)))
      by (simpl; f_equal; ring).
    apply is_lim_seq_scal_r. apply (is_lim_seq_minus' c (fun _ => a_star w));
      [exact Clim | apply is_lim_seq_const].
Qed.

(** ** The reduced attracting set *)

(** For a positive state y all products of slopes stay below 1 if and only if y > a_star. *)
Theorem gamma_is_a_ray w y : 1 < w -> 0 < y ->
  ((forall t, (1 <= t)%nat -> gradient (M w) (slope w) (fun _ => 0) y t < 1) <-> a_star w < y).
Proof.
  intros Hw Hy. pose proof (h_star_pos w Hw) as Hh. split.
  - intros H. specialize (H 1%nat ltac:(lia)). simpl in H.
    apply Rnot_le_lt. intros Hle.
    assert (1 <= slope w y); [| lra].
    rewrite <- (slope_a_star w Hw). apply (latch_concave w 0 Hw); lra.
  - intros Hs.
    destruct (gradient_vanishes_exponentially w (fun _ => 0) y 0 Hw Hs Hh) as (k & Hk & G).
    { intros. lra. }
    intros t Ht. destruct (G t) as [_ [_ B]]. apply Rle_lt_trans with (1 := B).
    destruct t as [| t]; [lia |]. simpl. 
    assert (k ^ t <= 1) by (rewrite <- (pow1 t); apply pow_incr; lra).
    pose proof (pow_lt k t ltac:(lra)). nra.
Qed.
