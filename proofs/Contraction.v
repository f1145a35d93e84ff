(** * Contraction.v : Theorems 2, 3 and 4 of the paper, in any normed space

    V is any normed vector space over the reals, of any dimension, with any norm. *)

From Coq Require Import Reals Lra Lia List Classical.
From Coquelicot Require Import Coquelicot.
Open Scope R_scope.

Declare Scope vec_scope.
Delimit Scope vec_scope with V.
Notation "x + y" := (plus x%V y%V) : vec_scope.
Notation "x - y" := (minus x%V y%V) : vec_scope.
Notation "r * x" := (scal (r%R : R) x%V) : vec_scope.
Notation "‖ x ‖" := (norm x%V) (at level 10, x at level 99, format "‖ x ‖").

Section Group.
Context {G : AbelianGroup}.
Implicit Types x y v c : G.

Lemma minus_def x y : minus x y = plus x (opp y).
Proof. reflexivity. Qed.

Lemma group_plus_minus_assoc x y c : minus (plus x y) c = plus (minus x c) y.
Proof. rewrite !minus_def. rewrite <- !plus_assoc. f_equal. apply plus_comm. Qed.

Lemma group_plus_minus x y : minus (plus x y) x = y.
Proof. rewrite group_plus_minus_assoc, minus_eq_zero. apply plus_zero_l. Qed.

Lemma group_minus_minus x y c : minus (minus y c) (minus x c) = minus y x.
Proof.
  rewrite (minus_trans c y x). rewrite !minus_def. rewrite opp_plus, !opp_opp.
  f_equal. apply plus_comm.
Qed.

Lemma group_plus_minus_plus x y v : minus (plus x y) (plus x v) = minus y v.
Proof.
  rewrite !minus_def. rewrite opp_plus, (plus_comm x y), <- plus_assoc. f_equal.
  rewrite plus_assoc, plus_opp_r. apply plus_zero_l.
Qed.

Lemma group_minus_split x y v : minus x v = plus (minus x y) (minus y v).
Proof.
  rewrite !minus_def. rewrite plus_assoc. f_equal.
  rewrite <- plus_assoc, plus_opp_l, plus_zero_r. reflexivity.
Qed.

Lemma group_plus_cancel x y : plus x (minus y x) = y.
Proof.
  rewrite <- (group_plus_minus x y) at 2. rewrite group_plus_minus_assoc.
  rewrite !minus_def, plus_opp_r, plus_zero_l, plus_assoc, (plus_comm x y).
  rewrite <- plus_assoc, plus_opp_r. apply plus_zero_r.
Qed.

Lemma group_swap x y v : plus x (minus y v) = plus (minus x v) y.
Proof. rewrite !minus_def, <- plus_assoc. f_equal. apply plus_comm. Qed.
End Group.

Section Normed.
Context {V : NormedModule R_AbsRing}.
Implicit Types (x y v c : V) (D : V -> Prop) (L : V -> V -> V).

(** ** Definitions *)

(** L x is the derivative M'(x): a linear map, the Frechet derivative at x. *)
Definition derivative (M : V -> V) x (l : V -> V) : Prop := filterdiff M (locally x) l.

(** The operator norm of the linear map l is at most k. *)
Definition op_norm_le (l : V -> V) (k : R) : Prop := forall v, ‖l v‖ <= k * ‖v‖.

Definition convex D : Prop :=
  forall x y s, D x -> D y -> 0 <= s <= 1 -> D (x + s * (y - x))%V.

(** Definition 6 of the paper *)
Definition contracting_by (k : R) D (M : V -> V) : Prop :=
  forall x y, D x -> D y -> ‖M y - M x‖ <= k * ‖y - x‖.
Definition contracting D (M : V -> V) : Prop :=
  exists k, 0 <= k < 1 /\ contracting_by k D M.

(** [run M u a0 t] is a_t, where a_t = M a_{t-1} + u_t. *)
Fixpoint run (M : V -> V) (u : nat -> V) (a0 : V) (t : nat) : V :=
  match t with
  | O => a0
  | S s => (M (run M u a0 s) + u t)%V
  end.

(** M'(a_{t-1}) ... M'(a_1) M'(a_0) applied to v. *)
Fixpoint back (M : V -> V) L (u : nat -> V) (a0 : V) (t : nat) (v : V) : V :=
  match t with
  | O => v
  | S s => L (run M u a0 s) (back M L u a0 s v)
  end.

(** k 0 * k 1 * ... * k (t - 1) *)
Fixpoint product (k : nat -> R) (t : nat) : R :=
  match t with O => 1 | S s => k s * product k s end.

(** (1 - k 0) + (1 - k 1) + ... + (1 - k (t - 1)) *)
Fixpoint deficit (k : nat -> R) (t : nat) : R :=
  match t with O => 0 | S s => (1 - k s) + deficit k s end.

(** ** Vectors *)

Lemma minus_split x y v : (x - v = (x - y) + (y - v))%V.
Proof. exact (@group_minus_split V x y v). Qed.

Lemma norm_minus_sym x y : ‖x - y‖ = ‖y - x‖.
Proof. rewrite <- opp_minus. apply norm_opp. Qed.

Lemma norm_minus_triangle x y v : ‖x - v‖ <= ‖x - y‖ + ‖y - v‖.
Proof. rewrite (minus_split x y v). apply @norm_triangle. Qed.

Lemma norm_self x : ‖x - x‖ = 0.
Proof. rewrite minus_eq_zero. apply @norm_zero. Qed.

Lemma norm_scal_eq (r : R) x : ‖r * x‖ = Rabs r * ‖x‖.
Proof.
  apply Rle_antisym; [apply (norm_scal r x) |].
  destruct (Req_dec r 0) as [-> | Hr].
  - rewrite Rabs_R0, Rmult_0_l. apply norm_ge_0.
  - assert (E : x = scal (/ r) (scal r x)).
    { rewrite scal_assoc. unfold mult; simpl. rewrite Rinv_l by exact Hr.
      symmetry. apply (scal_one x). }
    assert (H : ‖x‖ <= Rabs (/ r) * ‖r * x‖).
    { apply Rle_trans with (2 := norm_scal (/ r) (scal r x)). right. f_equal. exact E. }
    apply Rmult_le_compat_l with (r := Rabs r) in H; [| apply Rabs_pos].
    rewrite <- Rmult_assoc, <- Rabs_mult, Rinv_r, Rabs_R1, Rmult_1_l in H by exact Hr.
    exact H.
Qed.

Lemma plus_minus x y : (x + y - x = y)%V.
Proof. exact (@group_plus_minus V x y). Qed.

Lemma minus_minus x y c : ((y - c) - (x - c) = y - x)%V.
Proof. exact (@group_minus_minus V x y c). Qed.

Lemma plus_minus_assoc x y c : ((x + y) - c = (x - c) + y)%V.
Proof. exact (@group_plus_minus_assoc V x y c). Qed.

Lemma plus_minus_plus x y v : ((x + y) - (x + v) = y - v)%V.
Proof. exact (@group_plus_minus_plus V x y v). Qed.

Lemma plus_cancel x y : (x + (y - x) = y)%V.
Proof. exact (@group_plus_cancel V x y). Qed.

Lemma swap x y v : (x + (y - v) = (x - v) + y)%V.
Proof. exact (@group_swap V x y v). Qed.

Lemma norm_plus x y : ‖x + y‖ <= ‖x‖ + ‖y‖.
Proof. apply @norm_triangle. Qed.

Lemma minus_0 x : (x - zero = x)%V.
Proof. exact (@minus_zero_r V x). Qed.

Lemma norm_by x y : ‖x‖ <= ‖x - y‖ + ‖y‖.
Proof. rewrite <- (plus_cancel y x) at 1. rewrite Rplus_comm. apply norm_plus. Qed.

Lemma scal_plus_l (r s : R) x : ((r + s) * x = r * x + s * x)%V.
Proof. apply (scal_distr_r (r : R_AbsRing) (s : R_AbsRing) x). Qed.

Lemma scal_minus_l (r s : R) x : ((r - s) * x = r * x - s * x)%V.
Proof. apply (scal_minus_distr_r (r : R_AbsRing) (s : R_AbsRing) x). Qed.

(** The derivative in epsilon and delta, as in a textbook. *)
Lemma derivative_eps M x l : derivative M x l -> forall eps, 0 < eps ->
  exists delta, 0 < delta /\
    forall y, ‖y - x‖ < delta -> ‖(M y - M x) - l (y - x)‖ <= eps * ‖y - x‖.
Proof.
  intros [_ H] eps Heps.
  specialize (H x (fun P HP => HP) (mkposreal eps Heps)). simpl in H.
  destruct H as [delta H]. exists delta. split; [apply cond_pos |].
  intros y Hy. apply H, norm_compat1, Hy.
Qed.

(** ** The mean value inequality *)

Lemma le_any a b : (forall eps, 0 < eps -> a <= b + eps) -> a <= b.
Proof.
  intros H. destruct (Rle_lt_dec a b) as [L | L]; [exact L |].
  specialize (H ((a - b) / 2) ltac:(lra)). lra.
Qed.

(** A path that has speed at most K near each of its points gets no further than K. *)
Lemma creep (g : R -> V) (K : R) :
  (forall s, 0 <= s <= 1 -> exists delta, 0 < delta /\
     forall r, 0 <= r <= 1 -> Rabs (r - s) < delta -> ‖g r - g s‖ <= K * Rabs (r - s)) ->
  ‖g 1 - g 0‖ <= K.
Proof.
  intros Hloc.
  set (E s := 0 <= s <= 1 /\ ‖g s - g 0‖ <= K * s).
  assert (E0 : E 0).
  { split; [lra |]. rewrite norm_self. lra. }
  destruct (completeness E) as (c & Hub & Hlub).
  { exists 1. intros s [Hs _]. lra. }
  { exists 0. exact E0. }
  assert (Hc : 0 <= c <= 1).
  { split; [apply Hub, E0 | apply Hlub; intros s [Hs _]; lra]. }
  destruct (Hloc c Hc) as (delta & Hd & Hg).
  assert (Ec : E c).
  { split; [exact Hc |].
    destruct (classic (exists s, E s /\ c - delta < s)) as [(s & Es & Hs) | No].
    - assert (s <= c) by (apply Hub, Es). destruct Es as [Hs01 Es].
      pose proof (Hg s Hs01) as B. rewrite Rabs_left1 in B by lra.
      specialize (B ltac:(lra)). rewrite norm_minus_sym in B.
      pose proof (norm_minus_triangle (g c) (g s) (g 0)). lra.
    - exfalso. assert (c <= c - delta); [| lra]. apply Hlub. intros s Es.
      apply Rnot_lt_le. intros Hs. apply No. exists s. split; assumption. }
  destruct (Rle_lt_dec 1 c) as [H1 | H1].
  - replace c with 1 in Ec by lra. destruct Ec as [_ Ec]. lra.
  - exfalso. set (s := Rmin 1 (c + delta / 2)).
    assert (Hs : c < s /\ s <= 1 /\ s <= c + delta / 2).
    { unfold s, Rmin. destruct (Rle_dec 1 (c + delta / 2)); lra. }
    assert (Es : E s).
    { split; [lra |]. destruct Ec as [_ Ec].
      pose proof (Hg s ltac:(lra)) as B. rewrite Rabs_pos_eq in B by lra.
      specialize (B ltac:(lra)).
      pose proof (norm_minus_triangle (g s) (g c) (g 0)). lra. }
    pose proof (Hub s Es). lra.
Qed.

(** If D is convex and the norm of M' is at most k on D, then after a step two states of D are at
    most k times as far apart. *)
Theorem mean_value_inequality M L D k :
  convex D -> 0 <= k ->
  (forall x, D x -> derivative M x (L x)) ->
  (forall x, D x -> op_norm_le (L x) k) ->
  contracting_by k D M.
Proof.
  intros HD Hk Hdiff Hnorm x y Hx Hy.
  set (N := ‖y - x‖). assert (HN : 0 <= N) by apply norm_ge_0.
  set (p s := (x + s * (y - x))%V).
  assert (Step : forall r s, (p r - p s = (r - s) * (y - x))%V).
  { intros r s. unfold p. rewrite plus_minus_plus. symmetry. apply scal_minus_l. }
  apply Rle_trans with (k * N); [| right; reflexivity].
  apply le_any. intros eps Heps.
  set (e := eps / (N + 1)).
  assert (He : 0 < e) by (apply Rdiv_lt_0_compat; lra).
  assert (HeN : e * N <= eps).
  { unfold e, Rdiv. rewrite Rmult_assoc. apply Rle_trans with (eps * 1); [| lra].
    apply Rmult_le_compat_l; [lra |]. apply Rmult_le_reg_l with (N + 1); [lra |].
    rewrite <- Rmult_assoc, Rinv_r by lra. lra. }
  apply Rle_trans with ((k + e) * N); [| lra].
  assert (P0 : p 0 = x) by (unfold p; rewrite (scal_zero_l (V := V)); apply plus_zero_r).
  assert (P1 : p 1 = y).
  { unfold p. rewrite (scal_one (V := V)). apply plus_cancel. }
  cut (‖M (p 1) - M (p 0)‖ <= (k + e) * N); [rewrite P0, P1; trivial |].
  apply (creep (fun s => M (p s))). intros s Hs.
  assert (Dp : D (p s)) by (apply HD; assumption).
  destruct (derivative_eps M (p s) _ (Hdiff _ Dp) e He) as (delta & Hd & Hder).
  exists (delta / (N + 1)). split; [apply Rdiv_lt_0_compat; lra |].
  intros r Hr Hrs.
  assert (Size : ‖p r - p s‖ = Rabs (r - s) * N) by (rewrite Step; apply norm_scal_eq).
  assert (Near : ‖p r - p s‖ < delta).
  { rewrite Size. apply Rle_lt_trans with (Rabs (r - s) * (N + 1)).
    - pose proof (Rabs_pos (r - s)). nra.
    - apply Rmult_lt_compat_r with (r := N + 1) in Hrs; [| lra].
      unfold Rdiv in Hrs. rewrite Rmult_assoc, Rinv_l in Hrs by lra. lra. }
  specialize (Hder _ Near). specialize (Hnorm _ Dp (p r - p s)%V).
  set (a := (M (p r) - M (p s))%V) in *. set (b := L (p s) (p r - p s)%V) in *.
  pose proof (norm_by a b) as T.
  rewrite Size in *. nra.
Qed.

(** If D is convex and one k < 1 bounds the norm of M' on D, then M contracts on D. *)
Theorem theorem_2 M L D k :
  convex D -> 0 <= k < 1 ->
  (forall x, D x -> derivative M x (L x)) ->
  (forall x, D x -> op_norm_le (L x) k) ->
  contracting D M.
Proof.
  intros HD Hk Hdiff Hnorm. exists k. split; [exact Hk |].
  apply mean_value_inequality with L; tauto.
Qed.

(** ** Theorem 2 on a compact set *)

(** Heine-Borel: from every open cover of D, finitely many sets cover D. *)
Definition compact D : Prop :=
  forall (I : Type) (U : I -> V -> Prop),
  (forall x, D x -> exists i, locally x (U i)) ->
  exists l : list I, forall x, D x -> exists i, In i l /\ U i x.

(** A continuous function on a compact set has a maximum. *)
Lemma compact_max D (N : V -> R) :
  compact D -> (exists x, D x) -> (forall x, D x -> continuous N x) ->
  exists m, D m /\ forall x, D x -> N x <= N m.
Proof.
  intros HC [x0 Hx0] Hcont. apply NNPP. intros No.
  (* If there is no maximum, every point of D is beaten by some y in D, with a
     neighbourhood. Finitely many y cover D, and the best of them is beaten too. *)
  destruct (HC V (fun y z => D y /\ N z < N y)) as (l & Hl).
  { intros x Hx.
    assert (Beaten : exists y, D y /\ N x < N y).
    { apply NNPP. intros Max. apply No. exists x. split; [exact Hx |]. intros y Hy.
      apply Rnot_lt_le. intros Hlt. apply Max. exists y. auto. }
    destruct Beaten as (y & Hy & Hxy). exists y.
    assert (H : locally x (fun z => N z < N y)).
    { apply (Hcont x Hx (fun r => r < N y)), (open_lt (N y)), Hxy. }
    apply filter_imp with (2 := H). auto. }
  assert (Top : exists m, D m /\ forall y, In y l -> D y -> N y <= N m).
  { clear Hl. induction l as [| p l (m & Hm & Hmax)].
    - exists x0. split; [exact Hx0 | intros y []].
    - destruct (classic (D p /\ N m < N p)) as [[Dp Hlt] | Hn].
      + exists p. split; [exact Dp |]. intros y [<- | Hy] Dy; [lra |].
        specialize (Hmax y Hy Dy). lra.
      + exists m. split; [exact Hm |]. intros y [<- | Hy] Dy; [| auto].
        apply Rnot_lt_le. intros Hlt. apply Hn. auto. }
  destruct Top as (m & Hm & Hmax).
  destruct (Hl m Hm) as (y & Hy & Dy & Hlt). specialize (Hmax y Hy Dy). lra.
Qed.

(** If D is convex and compact, and a continuous N < 1 bounds the norm of M' on D, then M
    contracts on D by the largest value of N. *)
Theorem theorem_2_compact M L D (N : V -> R) :
  convex D -> compact D -> (exists x, D x) ->
  (forall x, D x -> derivative M x (L x)) ->
  (forall x, D x -> op_norm_le (L x) (N x)) ->
  (forall x, D x -> continuous N x) ->
  (forall x, D x -> 0 <= N x < 1) ->
  exists m, D m /\ (forall x, D x -> N x <= N m) /\ N m < 1 /\ contracting_by (N m) D M.
Proof.
  intros HD HC Hne Hdiff Hnorm Hcont HN.
  destruct (compact_max D N HC Hne Hcont) as (m & Hm & Hmax).
  exists m. repeat split; [assumption .. | apply HN, Hm |].
  apply mean_value_inequality with L; try assumption; [apply HN, Hm |].
  intros x Hx v. apply Rle_trans with (1 := Hnorm x Hx v).
  apply Rmult_le_compat_r; [apply norm_ge_0 | apply Hmax, Hx].
Qed.

(** k is the operator norm of the linear map l: the least bound. *)
Definition op_norm (l : V -> V) (k : R) : Prop :=
  0 <= k /\ op_norm_le l k /\ forall r, 0 <= r -> op_norm_le l r -> k <= r.

(** L is continuous at x, in the operator norm. *)
Definition continuous_at L x : Prop := forall eps, 0 < eps ->
  exists delta, 0 < delta /\ forall y, ‖y - x‖ < delta ->
    op_norm_le (fun v => L y v - L x v)%V eps.

Lemma op_norm_near l m k n eps : op_norm l k -> op_norm m n -> 0 < eps ->
  op_norm_le (fun v => l v - m v)%V eps -> Rabs (k - n) <= eps.
Proof.
  intros (Pk & Bk & Lk) (Pn & Bn & Ln) He Hd.
  assert (A : k <= n + eps).
  { apply Lk; [lra |]. intros v. specialize (Bn v). specialize (Hd v).
    pose proof (norm_by (l v) (m v)). lra. }
  assert (B : n <= k + eps).
  { apply Ln; [lra |]. intros v. specialize (Bk v). specialize (Hd v). simpl in Hd.
    rewrite norm_minus_sym in Hd. pose proof (norm_by (m v) (l v)). lra. }
  apply Rabs_le. lra.
Qed.

(** Theorem 2, repaired: if D is convex and compact, M' continuous and its norm below 1 on D,
    then M contracts on D by the largest norm of M' there. *)
Theorem theorem_2_repaired M L D (N : V -> R) :
  convex D -> compact D -> (exists x, D x) ->
  (forall x, D x -> derivative M x (L x)) ->
  (forall x, D x -> continuous_at L x) ->
  (forall x, op_norm (L x) (N x)) ->
  (forall x, D x -> N x < 1) ->
  exists m, D m /\ (forall x, D x -> N x <= N m) /\ N m < 1 /\ contracting_by (N m) D M.
Proof.
  intros HD HC Hne Hdiff Hcont HN H1.
  apply theorem_2_compact with L; try assumption.
  - intros x _. apply HN.
  - intros x Hx. apply (filterlim_locally N (N x)). intros eps.
    apply locally_le_locally_norm.
    destruct (Hcont x Hx (eps / 2)) as (delta & Hd & H); [pose proof (cond_pos eps); lra |].
    exists (mkposreal delta Hd). intros y Hy.
    apply (norm_compat1 (V := R_NormedModule)). unfold norm; simpl. unfold abs; simpl.
    apply Rle_lt_trans with (eps / 2); [| pose proof (cond_pos eps); lra].
    apply (op_norm_near (L y) (L x)); [apply HN | apply HN | pose proof (cond_pos eps); lra |].
    apply H, Hy.
  - intros x Hx. split; [apply HN | apply H1, Hx].
Qed.

(** ** Theorem 3: bounded noise is absorbed *)

Definition closed_ball c (d : R) : V -> Prop := fun y => ‖y - c‖ <= d.

Lemma ball_convex c d : convex (closed_ball c d).
Proof.
  intros x y s Hx Hy Hs. unfold closed_ball in *.
  assert (E : (x + s * (y - x) - c = (1 - s) * (x - c) + s * (y - c))%V).
  { rewrite plus_minus_assoc, <- (minus_minus x y c).
    rewrite (scal_minus_distr_l (V := V) s), scal_minus_l, (scal_one (V := V)).
    apply swap. }
  assert (T : ‖x + s * (y - x) - c‖ <= (1 - s) * ‖x - c‖ + s * ‖y - c‖).
  { rewrite E. apply Rle_trans with (1 := norm_plus _ _).
    rewrite !norm_scal_eq, !Rabs_pos_eq by lra. apply Rle_refl. }
  nra.
Qed.

(** If the norm of M' is at most k t < 1 on the ball of radius d round the trajectory at time t,
    and the next input has size at most (1 - k t) d, the state is never further than d from the
    trajectory. *)
Theorem theorem_3 M L u (c : nat -> V) a0 d (k : nat -> R) :
  (forall t, c (S t) = M (c t)) ->
  (forall t, 0 <= k t < 1) ->
  (forall t y, closed_ball (c t) d y -> derivative M y (L y)) ->
  (forall t y, closed_ball (c t) d y -> op_norm_le (L y) (k t)) ->
  (forall t, ‖u (S t)‖ <= (1 - k t) * d) ->
  closed_ball (c O) d a0 ->
  forall t, closed_ball (c t) d (run M u a0 t).
Proof.
  intros Hc Hk Hdiff Hnorm Hu H0 t. induction t as [| t IH]; [exact H0 |].
  assert (Hd : 0 <= d) by (apply Rle_trans with (2 := IH), norm_ge_0).
  assert (Centre : closed_ball (c t) d (c t)).
  { unfold closed_ball. rewrite norm_self. exact Hd. }
  pose proof (mean_value_inequality M L (closed_ball (c t) d) (k t)
    (ball_convex _ _) (proj1 (Hk t)) (Hdiff t) (Hnorm t) _ _ Centre IH) as MVI.
  unfold closed_ball in *. simpl. rewrite Hc, plus_minus_assoc.
  apply Rle_trans with (1 := norm_plus _ _). replace d with (k t * d + (1 - k t) * d) by ring.
  apply Rplus_le_compat; [| apply Hu]. apply Rle_trans with (1 := MVI).
  apply Rmult_le_compat_l; [apply Hk | exact IH].
Qed.

(** With one factor k < 1 and noise up to b, the distance from the trajectory without noise is at
    most b (1 - k^t) / (1 - k). *)
Theorem noise_adds_up M u (c : nat -> V) k b :
  0 <= k < 1 -> (forall x y, ‖M y - M x‖ <= k * ‖y - x‖) ->
  (forall t, c (S t) = M (c t)) -> (forall t, ‖u t‖ <= b) ->
  forall t, ‖run M u (c O) t - c t‖ <= b * (1 - k ^ t) / (1 - k).
Proof.
  intros Hk HM Hc Hu t. induction t as [| t IH].
  - simpl. rewrite norm_self. right. field. lra.
  - change (run M u (c O) (S t)) with (M (run M u (c O) t) + u (S t))%V.
    rewrite Hc, plus_minus_assoc.
    apply Rle_trans with (1 := norm_plus _ _).
    replace (b * (1 - k ^ S t) / (1 - k)) with (k * (b * (1 - k ^ t) / (1 - k)) + b)
      by (simpl; field; lra).
    apply Rplus_le_compat; [| apply Hu]. apply Rle_trans with (1 := HM _ _).
    apply Rmult_le_compat_l; [lra | exact IH].
Qed.

(** If no distance grows in a step, and noise is at most b, the distance from the trajectory
    without noise is at most b t. *)
Theorem noise_adds_up_evenly M u (c : nat -> V) b :
  (forall x y, ‖M y - M x‖ <= ‖y - x‖) ->
  (forall t, c (S t) = M (c t)) -> (forall t, ‖u t‖ <= b) ->
  forall t, ‖run M u (c O) t - c t‖ <= b * INR t.
Proof.
  intros HM Hc Hu t. induction t as [| t IH].
  - simpl. rewrite norm_self. lra.
  - change (run M u (c O) (S t)) with (M (run M u (c O) t) + u (S t))%V.
    rewrite Hc, plus_minus_assoc, S_INR.
    apply Rle_trans with (1 := norm_plus _ _).
    specialize (HM (c t) (run M u (c O) t)). specialize (Hu (S t)). lra.
Qed.

(** ** Theorem 4: the gradient vanishes *)

(** The product of the Jacobians along the way is the derivative of a_t in a_0; inputs enter only
    through the states. *)
Theorem derive_run M L u a0 :
  (forall t, derivative M (run M u a0 t) (L (run M u a0 t))) ->
  forall t, derivative (fun x => run M u x t) a0 (back M L u a0 t).
Proof.
  intros Hd t. induction t as [| t IH].
  - apply filterdiff_id.
  - apply (filterdiff_ext_lin _ (fun v => (back M L u a0 (S t) v + zero)%V)).
    + apply (filterdiff_plus_fct (F := locally a0)
        (fun x => M (run M u x t)) (fun _ => u (S t)) (back M L u a0 (S t)) (fun _ => zero)).
      * apply (filterdiff_comp' (fun x => run M u x t) M a0
                 (back M L u a0 t) (L (run M u a0 t))); [exact IH | apply Hd].
      * apply filterdiff_const.
    + intros v. apply plus_zero_r.
Qed.

Lemma product_pos k t : (forall t, 0 <= k t) -> 0 <= product k t.
Proof.
  intros Hk. induction t as [| t IH]; simpl; [lra |]. apply Rmult_le_pos; auto.
Qed.

(** Bounds for the Jacobians along the way multiply to a bound for their product. *)
Theorem gradient_bound M L u a0 (k : nat -> R) :
  (forall t, 0 <= k t) ->
  (forall t, op_norm_le (L (run M u a0 t)) (k t)) ->
  forall t, op_norm_le (back M L u a0 t) (product k t).
Proof.
  intros Hk Hn t v. induction t as [| t IH]; simpl; [lra |].
  apply Rle_trans with (1 := Hn t _). specialize (Hk t). nra.
Qed.

(** If one k < 1 bounds the norm of M' at all states of a trajectory, the gradient is at most k^t
    in norm, which tends to 0. *)
Theorem theorem_4 M L u a0 k :
  0 <= k < 1 ->
  (forall t, derivative M (run M u a0 t) (L (run M u a0 t))) ->
  (forall t, op_norm_le (L (run M u a0 t)) k) ->
  (forall t, derivative (fun x => run M u x t) a0 (back M L u a0 t)
             /\ op_norm_le (back M L u a0 t) (k ^ t))
  /\ is_lim_seq (fun t => k ^ t) 0.
Proof.
  intros Hk Hd Hn. split.
  - intros t. split; [apply derive_run, Hd |].
    intros v. pose proof (gradient_bound M L u a0 (fun _ => k) ltac:(intros; lra) Hn t v) as G.
    replace (k ^ t) with (product (fun _ => k) t); [exact G |].
    clear. induction t as [| t IH]; simpl; [| rewrite IH]; reflexivity.
  - apply is_lim_seq_geom. rewrite Rabs_pos_eq; lra.
Qed.

(** The weaker demand: it is enough that the sum of 1 - k t grows beyond all bounds. *)
Lemma product_exp k t : (forall t, 0 <= k t) -> product k t <= exp (- deficit k t).
Proof.
  intros Hk. induction t as [| t IH]; simpl.
  - rewrite Ropp_0, exp_0. lra.
  - replace (- (1 - k t + deficit k t)) with ((k t - 1) + - deficit k t) by ring.
    rewrite exp_plus. apply Rmult_le_compat; [apply Hk | apply product_pos, Hk | | exact IH].
    pose proof (exp_ineq1_le (k t - 1)). lra.
Qed.

(** If no k t is negative and the sum of 1 - k t is infinite, the products of the k t tend to 0. *)
Theorem product_vanishes k :
  (forall t, 0 <= k t) -> is_lim_seq (deficit k) p_infty -> is_lim_seq (product k) 0.
Proof.
  intros Hk Hinf.
  apply (is_lim_seq_le_le (fun _ => 0) _ (fun t => exp (- deficit k t))).
  - intros t. split; [apply product_pos, Hk | apply product_exp, Hk].
  - apply is_lim_seq_const.
  - apply (is_lim_comp_seq exp _ m_infty 0).
    + apply is_lim_exp_m.
    + exists O. discriminate.
    + apply is_lim_seq_opp in Hinf. exact Hinf.
Qed.

(** ** The converse of Theorem 3: who bears noise in thin tubes must contract *)

(** Noise can push any z straight outwards; e stands for any direction, should z be 0. *)
Lemma push_out (z e : V) b : ‖e‖ <> 0 -> 0 <= b ->
  exists v, ‖v‖ = b /\ ‖z + v‖ = ‖z‖ + b.
Proof.
  intros He Hb. destruct (Req_dec (‖z‖) 0) as [Z | Z].
  - assert (0 < ‖e‖) by (pose proof (norm_ge_0 e); lra).
    exists (b / ‖e‖ * e)%V. pose proof (norm_eq_zero z Z) as ->.
    rewrite plus_zero_l, norm_zero, norm_scal_eq, Rabs_pos_eq by (apply Rdiv_le_0_compat; lra).
    split; field; lra.
  - assert (0 < ‖z‖) by (pose proof (norm_ge_0 z); lra).
    assert (0 <= b / ‖z‖) by (apply Rdiv_le_0_compat; lra).
    exists (b / ‖z‖ * z)%V. split.
    + rewrite norm_scal_eq, Rabs_pos_eq by lra. field. lra.
    + assert (E : (z + b / ‖z‖ * z = (1 + b / ‖z‖) * z)%V).
      { rewrite scal_plus_l. f_equal. symmetry. apply (scal_one z). }
      rewrite E, norm_scal_eq, Rabs_pos_eq by lra. field. lra.
Qed.

(** A ball of radius d bears noise up to b if and only if M takes it into the ball of radius d -
    b. *)
Theorem ball_bears_iff M c d b (e : V) : ‖e‖ <> 0 -> 0 <= b ->
  (forall y v, closed_ball c d y -> ‖v‖ <= b -> closed_ball c d (M y + v)%V) <->
  (forall y, closed_ball c d y -> closed_ball c (d - b) (M y)).
Proof.
  intros He Hb. unfold closed_ball. split.
  - intros H y Hy. destruct (push_out (M y - c)%V e b He Hb) as (v & Nv & Out).
    assert (B : ‖M y - c‖ + b <= d); [| lra].
    rewrite <- Out. rewrite <- plus_minus_assoc. apply H; [exact Hy | lra].
  - intros H y v Hy Hv. rewrite plus_minus_assoc.
    apply Rle_trans with (1 := norm_plus _ _). specialize (H y Hy). lra.
Qed.

(** The converse of Theorem 3: if each thin ball round x, of radius d, bears noise up to k d, then
    the norm of M'(x) is at most 1 - k. *)
Theorem bears_noise_must_contract M l x (k d0 : R) :
  0 < d0 -> 0 <= k -> derivative M x l ->
  (forall d y v, 0 < d < d0 -> ‖y - x‖ <= d -> ‖v‖ <= k * d -> ‖(M y - M x) + v‖ <= d) ->
  op_norm_le l (1 - k).
Proof.
  intros Hd0 Hk Hder Hbears v.
  destruct (Req_dec (‖v‖) 0) as [E0 | E0].
  { pose proof (norm_eq_zero v E0) as ->. pose proof (linear_zero l (proj1 Hder)) as ->.
    rewrite norm_zero. lra. }
  assert (Hv : 0 < ‖v‖) by (pose proof (norm_ge_0 v); lra).
  apply le_any. intros eps Heps.
  destruct (derivative_eps M x l Hder (eps / ‖v‖)) as (delta & Hdelta & Hnear);
    [apply Rdiv_lt_0_compat; lra |].
  (* a step s v that is short enough *)
  set (r := Rmin (delta / 2) (d0 / 2)).
  assert (Hr : 0 < r /\ r < delta /\ r < d0).
  { unfold r, Rmin. destruct (Rle_dec (delta / 2) (d0 / 2)); lra. }
  set (s := r / ‖v‖). assert (Hs : 0 < s) by (apply Rdiv_lt_0_compat; lra).
  set (y := (x + s * v)%V).
  assert (Ey : (y - x = s * v)%V) by apply plus_minus.
  assert (Ny : ‖y - x‖ = r).
  { rewrite Ey, norm_scal_eq, Rabs_pos_eq by lra. unfold s. field. lra. }
  specialize (Hnear y ltac:(lra)).
  (* the noise that pushes the image straight outwards: k d in the direction of M y - M x *)
  set (z := (M y - M x)%V) in *.
  assert (Out : ‖z‖ <= (1 - k) * r).
  { destruct (push_out z v (k * r) E0) as (n & Nn & On); [apply Rmult_le_pos; lra |].
    assert (B : ‖z‖ + k * r <= r).
    { rewrite <- On. apply (Hbears r y n); [lra | right; exact Ny | right; exact Nn]. }
    lra. }
  (* l (s v) is near z, and s cancels *)
  assert (T : ‖l (y - x)‖ <= ‖z‖ + eps / ‖v‖ * r).
  { rewrite <- Ny at 1. pose proof (norm_by (l (y - x)) z)%V as T.
    rewrite (norm_minus_sym _ z) in T. lra. }
  rewrite Ey in T. rewrite (linear_scal l (proj1 Hder)) in T.
  rewrite norm_scal_eq, Rabs_pos_eq in T by lra.
  apply Rmult_le_reg_l with s; [exact Hs |].
  apply Rle_trans with (1 := T). apply Rle_trans with ((1 - k) * r + eps / ‖v‖ * r); [lra |].
  right. unfold s. field. lra.
Qed.

(** If each thin ball round the state at time t, of radius d, bears noise up to k t times d, then
    the gradient is at most the product of all 1 - k t in norm. *)
Theorem price_of_thin_tubes M L u a0 (k : nat -> R) d0 :
  0 < d0 -> (forall t, 0 <= k t <= 1) ->
  (forall t, derivative M (run M u a0 t) (L (run M u a0 t))) ->
  (forall t d y v, 0 < d < d0 -> ‖y - run M u a0 t‖ <= d -> ‖v‖ <= k t * d ->
     ‖(M y + u (S t) + v) - run M u a0 (S t)‖ <= d) ->
  forall t, op_norm_le (back M L u a0 t) (product (fun s => 1 - k s) t).
Proof.
  intros Hd0 Hk Hder Hbears. apply gradient_bound.
  - intros t. specialize (Hk t). lra.
  - intros t. apply (bears_noise_must_contract M _ (run M u a0 t) (k t) d0);
      [exact Hd0 | apply Hk | apply Hder |].
    intros d y v Hd Hy Hv. specialize (Hbears t d y v Hd Hy Hv). simpl in Hbears.
    replace (M y - M (run M u a0 t) + v)%V
       with ((M y + u (S t) + v) - (M (run M u a0 t) + u (S t)))%V; [exact Hbears |].
    rewrite plus_minus_assoc. f_equal.
    rewrite (plus_comm (M y)), (plus_comm (M (run M u a0 t))). apply plus_minus_plus.
Qed.

(** For a linear step one ball of any radius d that bears noise up to b is enough: the norm is at
    most 1 - b / d. *)
Theorem linear_bears_noise l d b :
  is_linear l -> 0 < d -> 0 <= b ->
  (forall y v, ‖y‖ <= d -> ‖v‖ <= b -> ‖l y + v‖ <= d) ->
  op_norm_le l (1 - b / d).
Proof.
  intros Hl Hd Hb Hbears.
  apply (bears_noise_must_contract l l zero (b / d) d); [exact Hd | | |].
  - apply Rdiv_le_0_compat; lra.
  - apply filterdiff_linear, Hl.
  - intros r y v Hr Hy Hv. rewrite minus_0 in Hy.
    pose proof (linear_zero l Hl) as ->. rewrite minus_0.
    assert (Q : 0 < d / r) by (apply Rdiv_lt_0_compat; lra).
    specialize (Hbears (d / r * y)%V (d / r * v)%V).
    rewrite !norm_scal_eq, !Rabs_pos_eq in Hbears by lra.
    rewrite (linear_scal l Hl), <- (scal_distr_l (V := V)), norm_scal_eq, Rabs_pos_eq in Hbears by lra.
    apply Rmult_le_reg_l with (d / r); [exact Q |].
    replace (d / r * r) with d by (field; lra). apply Hbears.
    + replace d with (d / r * r) at 2 by (field; lra). apply Rmult_le_compat_l; lra.
    + replace b with (d / r * (b / d * r)) by (field; lra). apply Rmult_le_compat_l; lra.
Qed.

End Normed.
